// openid-client: a general client, which discovers everything from the issuer's metadata.
import { createPrivateKey } from 'node:crypto';
import { clientCredentialsGrant, discovery, PrivateKeyJwt } from 'openid-client';
import { read, settings } from './settings.mjs';

const pkcs8 = createPrivateKey(read(settings.keyFile)).export({ format: 'der', type: 'pkcs8' });
const algorithm = settings.alg === 'RS256' ? 'RSASSA-PKCS1-v1_5' : 'RSA-PSS';
const key = await crypto.subtle.importKey('pkcs8', pkcs8, { name: algorithm, hash: 'SHA-256' }, false, ['sign']);
const configuration = await discovery(
  new URL(`${settings.url}/${settings.tenant}/v2.0`),
  settings.clientId,
  undefined,
  PrivateKeyJwt(settings.kid === undefined ? key : { key, kid: settings.kid }),
);
const tokens = await clientCredentialsGrant(configuration, { scope: settings.scope });
console.log(JSON.stringify({ accessToken: tokens.access_token, expiresOn: Date.now() + tokens.expires_in * 1000 }));
