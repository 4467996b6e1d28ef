/**
 * Bytes that are not the structure which was expected.
 *
 * It stays inside the library: who reads a key file or a certificate says in a `CertgrantError` what that means there.
 */
export class DerError extends Error {
  override readonly name = 'DerError';
}
