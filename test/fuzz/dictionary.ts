import { Oid } from '../../packages/core/src/keyfile/object-identifiers.ts';
import { oid } from '../../packages/core/src/lib/der/writer.ts';

const words = [
  '-----BEGIN PRIVATE KEY-----',
  '-----END PRIVATE KEY-----',
  '-----BEGIN ENCRYPTED PRIVATE KEY-----',
  '-----BEGIN RSA PRIVATE KEY-----',
  '-----BEGIN EC PRIVATE KEY-----',
  '-----BEGIN CERTIFICATE-----',
  '-----END CERTIFICATE-----',
  '-----BEGIN TRUSTED CERTIFICATE-----',
  '-----BEGIN PKCS7-----',
  '-----BEGIN ',
  '-----END ',
  '-----',
  'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n',
  'Proc-Type: 4,ENCRYPTED DEK-Info: DES-EDE3-CBC,0011223344556677\n',
  'friendlyName: ',
  'Bag Attributes\n',
  '\\n',
  '\r\n',
  '\ufeff',
  '{"kty":"RSA","n":"',
  '{"keys":[',
  '"kty":"EC","crv":"P-256","d":"',
  '"kty":"OKP","crv":"Ed25519","d":"',
  '"x5c":["',
  '"},',
];

/** Words that random changes would hardly ever hit upon: object identifiers as DER, and the lines of PEM and JWK. */
export function dictionary(): readonly Uint8Array[] {
  return [...Object.values(Oid).map((dotted) => oid(dotted)), ...words.map((word) => Buffer.from(word))];
}
