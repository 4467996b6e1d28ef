import type { Bytes } from '../lib/text-encoding.ts';

/** What a public key is, and its SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) as DER. */
export interface PublicKey {
  /** The algorithm's usual name; a key that certgrant does not know has its object identifier here. */
  readonly type: 'RSA' | 'RSA-PSS' | 'EC' | 'Ed25519' | 'Ed448' | (string & {});
  /** The length of the RSA modulus or of the curve's field, in bits; 0 where it is not known. */
  readonly bits: number;
  /** For EC: the curve's name as in RFC 7518 ("P-256"), or its object identifier. */
  readonly curve?: string;
  readonly spki: Bytes;
}

/** An X.509 certificate (RFC 5280), read. */
export interface Certificate {
  readonly der: Bytes;
  /** The distinguished name as a string (RFC 4514), most specific part first: `CN=daemon,O=Contoso`. */
  readonly subject: string;
  readonly issuer: string;
  /** The encoded names, for comparing: two names are equal when these are. */
  readonly subjectDer: Bytes;
  readonly issuerDer: Bytes;
  /** Upper-case hexadecimal in whole octets, without a sign octet: as openssl prints it. Negative ones begin with `-`. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: PublicKey;
  /** Subject alternative names as `dns:…`, `uri:…`, `email:…`, `ip:…`; others as `other:…`. */
  readonly subjectAlternativeNames: readonly string[];
  /** Names from RFC 5280 §4.2.1.3 such as `digitalSignature`; `undefined` where the extension is absent. */
  readonly keyUsage: readonly string[] | undefined;
  /** `clientAuth`, `serverAuth` …, or an object identifier; `undefined` where the extension is absent. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** From basicConstraints. */
  readonly isCertificateAuthority: boolean;
  /** Upper-case hexadecimal; `undefined` where the extension is absent. */
  readonly subjectKeyIdentifier: string | undefined;
  readonly authorityKeyIdentifier: string | undefined;
}
