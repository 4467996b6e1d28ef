import type { ExportedFile, ExportFormat, ExportSettings } from '../format.ts';
import { pemFiles } from '../key-files.ts';
import { javascriptString } from '../quoting/javascript.ts';

/** A program for Node, with certgrant's library or with MSAL. */
export const format: ExportFormat = { render };

function render(settings: ExportSettings): readonly ExportedFile[] {
  return [{ path: 'token.mjs', contents: program(settings), mode: 0o644 }];
}

function program(settings: ExportSettings): string {
  const { certificateFile, keyFile } = pemFiles(settings);
  const [thumbprint, hash] =
    settings.alg === 'PS256' ? ['thumbprintSha256', 'fingerprint256'] : ['thumbprint', 'fingerprint'];
  return String.raw`// Gets an access token with the client credentials grant and prints it. A certificate proves who asks: the library
// signs a client assertion with its private key (RFC 7523).
//
//   npm install @certgrant/core        node token.mjs
//   npm install @azure/msal-node       node token.mjs --msal
//
// Two libraries, one function each: keep the one that fits. The password of an encrypted private key is taken from
// AZURE_CLIENT_CERTIFICATE_PASSWORD, or asked for. A server with a CA of its own: set NODE_EXTRA_CA_CERTS to the CA's
// file. Ends with 1 when there is no token; standard error then says why.
import { createPrivateKey, sign, verify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const authority = ${javascriptString(settings.authority)};
const tenant = ${javascriptString(settings.tenant)};
const clientId = ${javascriptString(settings.clientId)};
const scope = ${javascriptString(settings.scope)};
// PEM files; both may be the same one. In the certificate's file, the certificate of the key comes first.
const certificateFile = ${javascriptString(certificateFile)};
const keyFile = ${javascriptString(keyFile)};

/** With certgrant: finds the certificate of the key, tries again where that helps, explains what Entra ID refuses. */
async function tokenWithCertgrant() {
  const { loadCredential, TokenClient } = await import('@certgrant/core');
  const keyBytes = readFileSync(keyFile);
  const password = await passwordFor(keyBytes);
  const credential = await loadCredential(readFileSync(certificateFile), { keyBytes, password });
  const client = new TokenClient({ authority, tenant, clientId, credential, alg: ${javascriptString(settings.alg)} });
  const { accessToken } = await client.getToken({ scope });
  return accessToken;
}

/** With MSAL: it wants the key without a password, and the certificate's thumbprint. */
async function tokenWithMsal() {
  const { ConfidentialClientApplication } = await import('@azure/msal-node');
  const keyBytes = readFileSync(keyFile);
  const key = createPrivateKey({ key: keyBytes, passphrase: await passwordFor(keyBytes) });
  const certificate = new X509Certificate(readFileSync(certificateFile));
  if (key.asymmetricKeyType !== 'rsa') throw new Error('the private key: Entra ID takes RSA keys alone');
  // The server would only speak of an invalid signature.
  const trial = Buffer.from('trial');
  if (!verify('sha256', trial, certificate.publicKey, sign('sha256', trial, key))) {
    throw new Error('the private key does not belong to the certificate, or is damaged');
  }
  const application = new ConfidentialClientApplication({
    auth: {
      clientId,
      authority: new URL(tenant, authority + '/').href,
      // Otherwise MSAL would ask Microsoft about the authority before it trusts it.
      knownAuthorities: [new URL(authority).host],
      clientCertificate: {
        privateKey: key.export({ type: 'pkcs8', format: 'pem' }),
        ${thumbprint}: certificate.${hash}.replaceAll(':', ''),
      },
    },
  });
  const { accessToken } = await application.acquireTokenByClientCredential({ scopes: [scope] });
  return accessToken;
}

/** The password of the key, where it has one. */
async function passwordFor(keyBytes) {
  if (!keyBytes.includes('ENCRYPTED')) return undefined;
  const given = process.env.AZURE_CLIENT_CERTIFICATE_PASSWORD;
  if (given) return given;
  if (!process.stdin.isTTY) throw new Error('the private key is encrypted: set AZURE_CLIENT_CERTIFICATE_PASSWORD');
  process.stderr.write('Password of the private key: ');
  // Without an output, what is typed is not shown.
  const terminal = createInterface({ input: process.stdin, terminal: true });
  const password = await new Promise((resolve) => terminal.question('', resolve));
  terminal.close();
  process.stderr.write('\n');
  return password;
}

try {
  console.log(await (process.argv.includes('--msal') ? tokenWithMsal() : tokenWithCertgrant()));
} catch (error) {
  console.error('error: ' + error.message);
  // certgrant's errors name the next step.
  if (error.fix) console.error('hint: ' + error.fix);
  process.exitCode = 1;
}
`;
}
