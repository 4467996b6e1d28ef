import type { Certificate, PublicKey } from '../certificate/certificate.ts';
import type { Bytes } from '../lib/text-encoding.ts';

/** What a file says about a key or certificate besides itself. */
export interface FoundLabels {
  /** The name that Windows, Java and browsers show; in a JWK the `kid`. */
  readonly friendlyName?: string | undefined;
  /** Upper-case hexadecimal; ties a key to its certificate where the file's writer cared. */
  readonly localKeyId?: string | undefined;
}

/** A private key in a key file. */
export interface FoundKey extends FoundLabels {
  /** PrivateKeyInfo (RFC 5958) as DER, unencrypted: for writing it elsewhere, never for showing. */
  readonly pkcs8: Bytes;
  readonly publicKey: PublicKey;
}

/** A certificate in a key file. */
export interface FoundCertificate extends FoundLabels {
  readonly certificate: Certificate;
}

/** Everything of use in a key file, in the file's order. */
export interface KeyFileContents {
  readonly format: 'pfx' | 'pem' | 'der' | 'jwk';
  readonly privateKeys: readonly FoundKey[];
  readonly certificates: readonly FoundCertificate[];
  /** What was there besides and is of no use here, in words: `a public key`, `a DSA private key`. */
  readonly skipped: readonly string[];
}
