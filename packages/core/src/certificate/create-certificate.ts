import { engine } from '#engine';
import type { Signer } from '../assertion/signer.ts';
import { CertgrantError } from '../errors.ts';
import { explicit, integer, sequence } from '../lib/der/writer.ts';
import { type Bytes, fromHex } from '../lib/text-encoding.ts';
import { type Platform, platformWith } from '../platform.ts';
import type { Certificate } from './certificate.ts';
import { encodeDistinguishedName } from './distinguished-name.ts';
import { type ExtendedKeyUsage, type KeyUsage, writeExtensions } from './extensions.ts';
import { readCertificate } from './read-certificate.ts';
import { readPublicKey, subjectPublicKey } from './read-public-key.ts';
import { writeValidity } from './validity.ts';
import { signX509, x509SignatureAlgorithm } from './x509-signature.ts';

/** Who signs a certificate. */
export interface CertificateIssuer {
  /** With the private key of `certificate`, or of the new certificate itself; RS256, ES256 or ES384. */
  readonly signer: Signer;
  /** The certificate of the authority that signs, or `self` for a self-signed one. */
  readonly certificate: Certificate | 'self';
}

/** What a certificate is made from. */
export interface CreateCertificateOptions {
  /** The distinguished name (RFC 4514), most specific part first: `CN=daemon,O=Contoso`. */
  readonly subject: string;
  /** The subject's SubjectPublicKeyInfo as DER. */
  readonly publicKey: Uint8Array;
  readonly issuer: CertificateIssuer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** `dns:…`, `uri:…`, `email:…` or `ip:…`. */
  readonly subjectAlternativeNames?: readonly string[] | undefined;
  /** By default `digitalSignature`; for an authority `keyCertSign` and `cRLSign`. */
  readonly keyUsage?: readonly KeyUsage[] | undefined;
  /** By default none, which permits every use. */
  readonly extendedKeyUsage?: readonly ExtendedKeyUsage[] | undefined;
  /** Whether the certificate may sign others; by default not. */
  readonly certificateAuthority?: boolean | undefined;
  readonly platform?: Partial<Platform> | undefined;
}

/**
 * Makes and signs an X.509 v3 certificate after the profile of RFC 5280: a positive serial number of 128 random bits,
 * critical basicConstraints and keyUsage, key identifiers.
 *
 * @returns the certificate as {@link readCertificate} reads it
 * @throws {CertgrantError} `USAGE` when the subject or an alternative name cannot be read; `FORMAT_MALFORMED` for the
 * public key
 * @throws {RangeError} when the validity ends before it begins
 * @throws {TypeError} when the signer's algorithm is not used for certificates
 * @example
 * const signer = await createSigner(keyPair.pkcs8, 'ES256');
 * const ca = await createCertificate({
 *   subject: 'CN=my CA',
 *   publicKey: keyPair.spki,
 *   issuer: { signer, certificate: 'self' },
 *   notBefore,
 *   notAfter,
 *   certificateAuthority: true,
 * });
 */
export async function createCertificate(options: CreateCertificateOptions): Promise<Certificate> {
  const { issuer, notBefore, notAfter, certificateAuthority = false } = options;
  const algorithm = x509SignatureAlgorithm(issuer.signer.alg);
  if (algorithm === undefined) throw new TypeError('create certificate: the signer is none of RS256, ES256 and ES384');
  // A date that is not one compares as false.
  if (!(notBefore < notAfter)) throw new RangeError('create certificate: the validity ends before it begins');
  const subject = encodeDistinguishedName(options.subject);
  if (subject.length === 2) {
    throw new CertgrantError('USAGE', 'create certificate: the subject is empty', {
      fix: 'Name it, such as CN=my-daemon',
    });
  }
  const { spki } = readPublicKey(options.publicKey);
  const extensions = writeExtensions({
    certificateAuthority,
    keyUsage: options.keyUsage ?? (certificateAuthority ? ['keyCertSign', 'cRLSign'] : ['digitalSignature']),
    extendedKeyUsage: options.extendedKeyUsage ?? [],
    subjectAlternativeNames: options.subjectAlternativeNames ?? [],
    subjectKeyIdentifier: await keyIdentifier(spki),
    authorityKeyIdentifier: issuer.certificate === 'self' ? undefined : await identifierOf(issuer.certificate),
  });
  const toBeSigned = sequence(
    explicit(0, integer(2)),
    integer(serialNumber(platformWith(options.platform))),
    algorithm,
    issuer.certificate === 'self' ? subject : issuer.certificate.subjectDer,
    writeValidity(notBefore, notAfter),
    subject,
    spki,
    explicit(3, extensions),
  );
  return readCertificate(sequence(toBeSigned, algorithm, await signX509(issuer.signer, toBeSigned)));
}

/** 16 octets whose first bit is clear, so that it is positive, and whose second is set, so that all are kept. */
function serialNumber(platform: Platform): Bytes {
  const bytes = platform.randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

/** RFC 5280 §4.2.1.2, method 1. SHA-1 makes a name here and protects nothing. */
function keyIdentifier(spki: Bytes): Promise<Bytes> {
  return engine.digest('SHA-1', subjectPublicKey(spki));
}

async function identifierOf({ subjectKeyIdentifier, publicKey }: Certificate): Promise<Bytes> {
  return subjectKeyIdentifier === undefined ? keyIdentifier(publicKey.spki) : fromHex(subjectKeyIdentifier);
}
