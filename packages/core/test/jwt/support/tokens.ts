import { type Credential, createSelfSignedCertificate, generateKeyPair, importPrivateKey } from '@certgrant/core';

export const tenantId = '3f1c9f0a-6c1e-4b5d-9d8e-2a7b6c5d4e3f';

/** One part of a token, encoded as anyone would. */
export function part(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** A token with a signature that is none, of the length that an RSA key of 2048 bits makes. */
export function unverifiable(header: object, claims: object): string {
  return `${part(header)}.${part(claims)}.${Buffer.alloc(256, 0x5a).toString('base64url')}`;
}

/** An access token of Entra ID for Microsoft Graph, as the claims of a v1.0 token go. */
export const graphToken: string = unverifiable(
  { typ: 'JWT', alg: 'RS256', x5t: 'QYaFgGsVp7JTorT6o0luFBM5JVY', kid: 'QYaFgGsVp7JTorT6o0luFBM5JVY' },
  {
    aud: 'https://graph.microsoft.com',
    iss: `https://sts.windows.net/${tenantId}/`,
    iat: 1_772_634_468,
    nbf: 1_772_634_468,
    exp: 1_772_638_368,
    aio: 'k2RgYGh1',
    app_displayname: 'nightly-report',
    appid: 'a11e4cc6-0d6f-4a07-9c3b-6f1f8a0d2b11',
    appidacr: '2',
    idp: `https://sts.windows.net/${tenantId}/`,
    idtyp: 'app',
    oid: '0e9a8f43-4f0c-4f5e-8a29-6b1d3c2e1f00',
    roles: ['User.Read.All'],
    sub: '0e9a8f43-4f0c-4f5e-8a29-6b1d3c2e1f00',
    tid: tenantId,
    uti: 'j9K8qtzOe0-5NvSq0PslAA',
    ver: '1.0',
    wids: ['0997a1d0-0d1d-4acb-b408-d5ca73121e90'],
  },
);

export async function makeCredential(algorithm: 'RSA-2048' | 'P-256' | 'P-384' = 'RSA-2048'): Promise<Credential> {
  const keyPair = await generateKeyPair(algorithm);
  const certificate = await createSelfSignedCertificate({ keyPair, subject: 'CN=test-daemon' });
  return { privateKey: await importPrivateKey(keyPair.pkcs8), certificate, chain: [certificate] };
}
