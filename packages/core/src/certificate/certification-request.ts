import { engine } from '#engine';
import type { SignatureAlgorithm, Signer } from '../assertion/signer.ts';
import { CertgrantError } from '../errors.ts';
import { DerReader } from '../lib/der/reader.ts';
import { contextTag, Tag } from '../lib/der/tag.ts';
import { explicit, integer, oid, sequence, setOf } from '../lib/der/writer.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import type { PublicKey } from './certificate.ts';
import { encodeDistinguishedName, printDistinguishedName } from './distinguished-name.ts';
import { type ExtendedKeyUsage, type KeyUsage, readExtensions, writeExtensions } from './extensions.ts';
import { readingDer } from './malformed.ts';
import { readPublicKey, readSubjectPublicKeyInfo, subjectPublicKey } from './read-public-key.ts';
import { signX509, verifyX509, x509SignatureAlgorithm } from './x509-signature.ts';

/** A certificate signing request (PKCS#10, RFC 2986), read: what a certificate authority makes a certificate from. */
export interface CertificationRequest {
  readonly der: Bytes;
  /** The distinguished name as a string (RFC 4514), most specific part first: `CN=daemon,O=Contoso`. */
  readonly subject: string;
  readonly subjectDer: Bytes;
  readonly publicKey: PublicKey;
  /** As in a certificate: `dns:…`, `uri:…`, `email:…`, `ip:…`, `other:…`. */
  readonly subjectAlternativeNames: readonly string[];
  /** The usages asked for; `undefined` where the request leaves them to the authority. */
  readonly keyUsage: readonly string[] | undefined;
  readonly extendedKeyUsage: readonly string[] | undefined;
}

/** What a request is made from. */
export interface CreateCertificationRequestOptions {
  /** The distinguished name (RFC 4514), most specific part first: `CN=daemon,O=Contoso`. */
  readonly subject: string;
  /** With the private key of `publicKey`: RS256, ES256 or ES384. */
  readonly signer: Signer;
  /** The SubjectPublicKeyInfo as DER. */
  readonly publicKey: Uint8Array;
  /** `dns:…`, `uri:…`, `email:…` or `ip:…`. */
  readonly subjectAlternativeNames?: readonly string[] | undefined;
  /** By default `digitalSignature`. */
  readonly keyUsage?: readonly KeyUsage[] | undefined;
  /** By default `clientAuth`. */
  readonly extendedKeyUsage?: readonly ExtendedKeyUsage[] | undefined;
}

/** The attribute that carries extensions: RFC 2985 §5.4.2, and the one that Windows wrote before it. */
const extensionRequests = ['1.2.840.113549.1.9.14', '1.3.6.1.4.1.311.2.1.14'] as const;

/**
 * How a key signs requests and certificates.
 *
 * @param publicKey of the key that is to sign
 * @returns RS256 for RSA, ES256 or ES384 for EC by its curve
 * @throws {CertgrantError} `KEY_UNSUITABLE`
 * @example
 * const signer = await createSigner(pkcs8, requestSignatureAlgorithm(publicKey));
 */
export function requestSignatureAlgorithm({ type, curve }: PublicKey): Exclude<SignatureAlgorithm, 'PS256'> {
  if (type === 'RSA') return 'RS256';
  if (curve === 'P-256') return 'ES256';
  if (curve === 'P-384') return 'ES384';
  throw new CertgrantError('KEY_UNSUITABLE', `create certification request: the key is of type ${curve ?? type}`, {
    fix: 'Use an RSA key of 2048 bits or more, or an EC key of P-256 or P-384',
  });
}

/**
 * Makes and signs a certification request that asks for what a client certificate needs: key usage `digitalSignature` and
 * extended key usage `clientAuth`. The authority decides what it grants.
 *
 * @returns the request, with its DER
 * @throws {CertgrantError} `USAGE` when the subject or an alternative name cannot be read; `FORMAT_MALFORMED` for the
 * public key
 * @throws {TypeError} when the signer's algorithm is not used for requests
 * @example
 * const { pkcs8, spki } = await generateKeyPair('RSA-2048');
 * const request = await createCertificationRequest({ subject: 'CN=daemon', publicKey: spki, signer: await createSigner(pkcs8, 'RS256') });
 */
export async function createCertificationRequest(
  options: CreateCertificationRequestOptions,
): Promise<CertificationRequest> {
  const { signer, keyUsage = ['digitalSignature'], extendedKeyUsage = ['clientAuth'] } = options;
  const algorithm = x509SignatureAlgorithm(signer.alg);
  if (algorithm === undefined) {
    throw new TypeError('create certification request: the signer is none of RS256, ES256 and ES384');
  }
  const subject = encodeDistinguishedName(options.subject);
  if (subject.length === 2) {
    throw new CertgrantError('USAGE', 'create certification request: the subject is empty', {
      fix: 'Name it, such as CN=my-daemon',
    });
  }
  const { spki } = readPublicKey(options.publicKey);
  const extensions = writeExtensions({
    certificateAuthority: false,
    keyUsage,
    extendedKeyUsage,
    subjectAlternativeNames: options.subjectAlternativeNames ?? [],
    subjectKeyIdentifier: await engine.digest('SHA-1', subjectPublicKey(spki)),
    authorityKeyIdentifier: undefined,
  });
  const attribute = sequence(oid(extensionRequests[0]), setOf(extensions));
  // [0] IMPLICIT SET OF has the same octets as [0] EXPLICIT around a single member.
  const info = sequence(integer(0), subject, spki, explicit(0, attribute));
  return readCertificationRequest(sequence(info, algorithm, await signX509(signer, info)));
}

/**
 * Reads a certification request (RFC 2986 §4). Nothing is verified: see {@link verifyCertificationRequest}.
 *
 * @param der the request as DER, and nothing after it; the bytes are copied
 * @returns what it asks for, and its DER
 * @throws {CertgrantError} `FORMAT_MALFORMED`
 * @example
 * const { subject, publicKey } = readCertificationRequest(der);
 */
export function readCertificationRequest(der: Uint8Array): CertificationRequest {
  return reading(() => {
    const { raw, info } = parts(new Uint8Array(der));
    const reader = new DerReader(info).sequence();
    reader.smallInteger();
    const subject = reader.expect(Tag.sequence);
    const publicKey = readSubjectPublicKeyInfo(reader);
    const { subjectAlternativeNames, keyUsage, extendedKeyUsage } = readRequestedExtensions(reader);
    reader.end();
    return {
      der: raw,
      subject: printDistinguishedName(new DerReader(subject.raw)),
      subjectDer: subject.raw,
      publicKey,
      subjectAlternativeNames,
      keyUsage,
      extendedKeyUsage,
    };
  });
}

/**
 * Whether the request is signed with the private key of the public key in it, which proves that who made it has that key.
 *
 * @returns `false` when the signature is not that key's
 * @throws {CertgrantError} `FORMAT_UNSUPPORTED` for a kind of key or signature that certgrant cannot check,
 * `FORMAT_MALFORMED` for a public key that is none
 * @example
 * if (!(await verifyCertificationRequest(request))) throw new Error('not signed with its own key');
 */
export async function verifyCertificationRequest({ der, publicKey }: CertificationRequest): Promise<boolean> {
  const { info, algorithm, signature } = reading(() => parts(der));
  return verifyX509(publicKey, { algorithm, signed: info, signature });
}

function reading<T>(read: () => T): T {
  return readingDer('read certification request', 'Make the request again, or check that the file arrived whole', read);
}

/** The whole, what is signed, and the signature. */
function parts(der: Bytes): { raw: Bytes; info: Bytes; algorithm: string; signature: Bytes } {
  const file = new DerReader(der);
  const whole = file.expect(Tag.sequence);
  file.end();
  const reader = file.inside(whole);
  const info = reader.expect(Tag.sequence).raw;
  const algorithm = reader.sequence().oid();
  const signature = reader.bitString();
  reader.end();
  return { raw: whole.raw, info, algorithm, signature };
}

/** The attributes, which old programs leave out altogether; those other than extensions are passed over. */
function readRequestedExtensions(reader: DerReader): ReturnType<typeof readExtensions> {
  const field = reader.optional(contextTag(0, true));
  const attributes = field === undefined ? undefined : reader.inside(field);
  let requested: DerReader | undefined;
  while (attributes !== undefined && !attributes.atEnd) {
    const attribute = attributes.sequence();
    const type = attribute.oid();
    const values = attribute.set();
    attribute.end();
    if (extensionRequests.some((known) => known === type)) requested ??= values;
  }
  const extensions = readExtensions(requested);
  requested?.end();
  return extensions;
}
