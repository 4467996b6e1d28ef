export { type ClientAssertionOptions, createClientAssertion } from './assertion/client-assertion.ts';
export { type ClientAssertionHeader, type HeaderProfile, headerProfiles } from './assertion/header-profile.ts';
export {
  createSigner,
  createVerifier,
  type SignatureAlgorithm,
  type Signer,
  type Verifier,
} from './assertion/signer.ts';
export type { Certificate, PublicKey } from './certificate/certificate.ts';
export { type Thumbprints, thumbprints } from './certificate/thumbprint.ts';
export { CertgrantError, type ErrorCode, type ErrorDetails, isCertgrantError } from './errors.ts';
export type { Credential, PrivateKey } from './keyfile/credential.ts';
export { type Bytes, fromBase64, toBase64, toBase64Url, toHex, utf8 } from './lib/text-encoding.ts';
export { type Platform, platformWith, randomUuid, systemPlatform } from './platform.ts';
