import { constants, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsCertificate } from './tls-certificate.ts';
import type { Target } from './token-load-child.ts';

/**
 * The least that a token endpoint on Node can be: it verifies whatever signature comes and signs the same claims each
 * time. No server on `node:https` can be quicker, so this is where the ratio to the bare RSA ends.
 */
export async function startBareServer(pem: string, tls: TlsCertificate): Promise<Target> {
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signingInput = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ padding: 'x'.repeat(900) })}`;

  const server = createServer({ key: tls.key, cert: tls.certificate }, (request, response) => {
    let form = '';
    request.setEncoding('latin1').on('data', (chunk: string) => {
      form += chunk;
    });
    request.on('end', () => {
      if (!isSigned(form, publicKey)) {
        response.writeHead(401).end();
        return;
      }
      // In the thread pool, where other cores are.
      sign('sha256', Buffer.from(signingInput), privateKey, (_, signature) => {
        const token = `${signingInput}.${signature.toString('base64url')}`;
        const body = JSON.stringify({ token_type: 'Bearer', expires_in: 3599, access_token: token });
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body);
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://localhost:${(server.address() as AddressInfo).port}/token`;
  return { url, ca: tls.certificate, clientId: 'bench', scope: 'bench', profile: 'entra' };
}

function isSigned(form: string, key: KeyObject): boolean {
  const start = form.indexOf('client_assertion=') + 'client_assertion='.length;
  const end = form.indexOf('&', start);
  const assertion = form.slice(start, end === -1 ? undefined : end);
  const dot = assertion.lastIndexOf('.');
  const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return verify(
    'sha256',
    Buffer.from(assertion.slice(0, dot)),
    pss,
    Buffer.from(assertion.slice(dot + 1), 'base64url'),
  );
}
