import { signJws } from '../../../../packages/authority/test/support/identity.ts';
import { draftAlone, type Refusal, withAssertion, withHeader } from './refusal.ts';
import { digest, type Identity, type Scene, seconds } from './scene.ts';

/** Assertions whose algorithm, thumbprint, certificate or signature is not right. */

const algorithm = { code: 700027, cause: 'algorithm-not-supported' } as const;
/** What is registered is not known offline; the certificate that signed is the only one at hand. */
const notRegistered = { code: 700027, cause: 'certificate-not-registered', decoded: 'nothing' } as const;
const mismatch = { code: 700027, cause: 'private-key-mismatch' } as const;

const daemonIsRegistered = ({ daemon }: Scene): Identity => daemon;
const hex = (bytes: Buffer): string => bytes.toString('hex').toUpperCase();
const der = ({ certificate }: Identity): string => Buffer.from(certificate.der).toString('base64');
const withoutPrint = { 'x5t#S256': undefined };

export const assertionKey: readonly Refusal[] = [
  { name: 'alg HS256', proven: true, request: withHeader({ alg: 'HS256' }), ...algorithm },
  { name: 'alg ES256', proven: true, request: withHeader({ alg: 'ES256' }), ...algorithm },
  { name: 'alg RS512', proven: true, request: withHeader({ alg: 'RS512' }), ...algorithm },
  {
    name: 'an EC certificate under an RSA algorithm',
    request: async ({ by, elliptic }) => ({ ...(await by([elliptic], elliptic)), padding: 'ES256' }),
    code: 5002730,
    cause: 'key-is-not-rsa',
  },
  {
    name: 'a certificate that is not registered',
    request: ({ by, daemon, stranger }) => by([daemon], stranger),
    ...notRegistered,
    settings: draftAlone,
  },
  {
    name: 'a certificate of another application',
    request: ({ by, daemon }) => by([], daemon),
    ...notRegistered,
    settings: draftAlone,
  },
  {
    name: 'x5t with the hexadecimal text of the thumbprint',
    proven: true,
    request: (scene) => {
      const x5t = Buffer.from(hex(digest('sha1', scene.daemon))).toString('base64url');
      return withHeader({ ...withoutPrint, x5t })(scene);
    },
    code: 700027,
    cause: 'thumbprint-is-hex-text',
    settings: ({ daemon }) => ({ prints: { thumbprint: Buffer.from(hex(digest('sha1', daemon))).toString('hex') } }),
    nodeOnly: true,
  },
  {
    name: 'x5t#S256 with the hexadecimal text of the thumbprint',
    proven: true,
    request: (scene) => {
      const text = Buffer.from(digest('sha256', scene.daemon).toString('hex')).toString('base64url');
      return withHeader({ 'x5t#S256': text })(scene);
    },
    code: 700027,
    cause: 'thumbprint-is-hex-text',
  },
  {
    name: 'x5t in hexadecimal',
    proven: true,
    request: (scene) => withHeader({ ...withoutPrint, x5t: hex(digest('sha1', scene.daemon)) })(scene),
    code: 700027,
    cause: 'thumbprint-is-hex-text',
  },
  {
    name: 'SHA-1 under x5t#S256',
    proven: true,
    request: (scene) => withHeader({ 'x5t#S256': digest('sha1', scene.daemon).toString('base64url') })(scene),
    code: 700027,
    cause: 'sha1-under-x5t-s256',
    settings: ({ daemon }) => ({ prints: { thumbprintSha256: hex(digest('sha1', daemon)) } }),
    nodeOnly: true,
  },
  {
    name: 'SHA-256 under x5t',
    proven: true,
    request: (scene) => withHeader({ ...withoutPrint, x5t: scene.granted.header['x5t#S256'] })(scene),
    code: 700027,
    cause: 'sha256-under-x5t',
    settings: ({ daemon }) => ({ prints: { thumbprint: hex(digest('sha256', daemon)) } }),
    nodeOnly: true,
  },
  {
    name: 'a kid that nobody knows',
    proven: true,
    request: withHeader({ ...withoutPrint, kid: 'key-1' }),
    code: 700027,
    cause: 'no-thumbprint-in-header',
  },
  {
    name: 'x5c with the certificate of a stranger first',
    proven: true,
    request: (scene) => withHeader({ ...withoutPrint, x5c: [der(scene.stranger), der(scene.daemon)] })(scene),
    code: 700027,
    cause: 'no-thumbprint-in-header',
  },
  {
    name: 'an expired certificate',
    proven: true,
    request: ({ by, expired }) => by([expired], expired),
    code: 700027,
    cause: 'certificate-expired',
    settings: draftAlone,
  },
  {
    name: 'a certificate that is not valid yet',
    proven: true,
    request: ({ by, future }) => by([future], future),
    code: 700027,
    cause: 'certificate-not-yet-valid',
    settings: draftAlone,
  },
  {
    name: 'a signature by another key',
    request: ({ granted, stranger }) => ({ ...granted, signer: stranger }),
    ...mismatch,
    registered: daemonIsRegistered,
    settings: ({ daemon }) => ({ thumbprintOf: daemon }),
  },
  {
    name: 'a signature by another key, without any hint',
    request: (scene) => ({ ...withHeader(withoutPrint)(scene), signer: scene.stranger }),
    ...mismatch,
    registered: daemonIsRegistered,
  },
  {
    name: 'PKCS #1 padding under PS256',
    proven: true,
    request: ({ granted }) => ({ ...granted, padding: 'RS256' }),
    code: 700027,
    cause: 'padding-does-not-fit-alg',
  },
  {
    name: 'PSS padding under RS256',
    proven: true,
    request: withHeader({ alg: 'RS256' }),
    code: 700027,
    cause: 'padding-does-not-fit-alg',
  },
  {
    // Nobody can tell it from a signature of another key: either way the signature is not one over this text.
    name: 'claims changed after signing',
    request: withAssertion((text, { header, claims, signer }) => {
      const other = signJws(header, { ...claims, exp: seconds() + 900 }, signer.key, 'PS256');
      return [...other.split('.').slice(0, 2), text.split('.')[2]].join('.');
    }),
    ...mismatch,
  },
  {
    name: 'strict: RS256 with a SHA-1 thumbprint',
    proven: true,
    request: (scene) => {
      const x5t = digest('sha1', scene.daemon).toString('base64url');
      return { ...withHeader({ ...withoutPrint, x5t, alg: 'RS256' })(scene), padding: 'RS256' };
    },
    code: 700027,
    cause: 'algorithm-not-for-strict-mode',
    strict: true,
    decoded: 'nothing',
  },
];
