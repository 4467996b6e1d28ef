/** The key files of the portable suite, each in base64, with what OpenSSL says of them. */
export interface Material {
  readonly password: string;
  readonly pem: string;
  readonly encryptedPem: string;
  readonly pfx: string;
  readonly legacyPfx: string;
  /** Upper-case hexadecimal. */
  readonly sha1: string;
  readonly sha256: string;
}
