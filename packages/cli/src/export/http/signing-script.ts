import { createHash } from 'node:crypto';
import type { ExportSettings } from '../format.ts';
import { javascriptString } from '../quoting/javascript.ts';

/** The script block before the token request: httpYac runs it in Node, so Node signs. */
export function signingScript({ alg, certificate, files }: ExportSettings): string {
  const header = alg === 'PS256' ? 'x5t#S256' : 'x5t';
  const thumbprint = certificate?.thumbprints[header] ?? '';
  const publicKey = certificate?.certificate.publicKey.spki;
  const publicKeySha256 = publicKey === undefined ? '' : createHash('sha256').update(publicKey).digest('hex');
  return `{{
  // Signs the client assertion (RFC 7523). PRIVATE_KEY_FILE in the environment names another key file: PEM, not encrypted.
  const { constants, createHash, createPrivateKey, createPublicKey, randomUUID, sign } = require('crypto');
  const { readFileSync } = require('fs');
  const fail = (reason) => { throw new Error('certgrant: ' + reason); };

  const keyFile = process.env.PRIVATE_KEY_FILE || ${javascriptString(files.key ?? files.cert ?? 'private-key.pem')};
  // Of the certificate that is registered with the application: its thumbprint, and the SHA-256 of its public key.
  const thumbprint = { ${javascriptString(header)}: ${javascriptString(thumbprint)} };
  const publicKeySha256 = ${javascriptString(publicKeySha256)};
  if (publicKeySha256 === '') fail('the certificate is not in this file: export it again with --cert');

  let key;
  const pem = readFileSync(keyFile, 'latin1');
  try {
    key = createPrivateKey(pem);
  } catch (thrown) {
    if (/ENCRYPTED/.test(pem)) fail('the private key is encrypted: certgrant cert convert KEY --to pem --out FILE writes it without a password');
    fail('there is no private key in PEM in ' + keyFile + '; certgrant cert convert KEY --to pem --out FILE writes one');
  }
  if (key.asymmetricKeyType !== 'rsa') fail('the private key is no RSA key, and Entra ID takes no other');
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  if (createHash('sha256').update(spki).digest('hex') !== publicKeySha256) fail('the private key does not belong to the certificate');

  const now = Math.floor(Date.now() / 1000);
  const claims = { aud: tokenEndpoint, iss: clientId, sub: clientId, jti: randomUUID(), iat: now, nbf: now, exp: now + 600 };
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = part({ alg: ${javascriptString(alg)}, typ: 'JWT', ...thumbprint }) + '.' + part(claims);
  const padding = ${alg === 'PS256' ? '{ padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }' : '{ padding: constants.RSA_PKCS1_PADDING }'};
  exports.clientAssertion = input + '.' + sign('sha256', Buffer.from(input), { key, ...padding }).toString('base64url');
}}`;
}

/** The block after the token request. */
export const tokenTests = `{{
  test('the token endpoint grants a token', () => {
    const answer = response.parsedBody || {};
    if (response.statusCode === 200 && answer.access_token) return;
    throw new Error((answer.error || 'HTTP ' + response.statusCode) + ': ' + (answer.error_description || 'there is no token in the answer'));
  });
}}`;

/** The block after the call. */
export const apiTests = `{{
  test('the API takes the token', () => {
    if (response.statusCode < 400) return;
    const problem = (response.parsedBody || {}).error || {};
    throw new Error('HTTP ' + response.statusCode + ' ' + (problem.code || '') + ': ' + (problem.message || 'the API gives no reason'));
  });
}}`;
