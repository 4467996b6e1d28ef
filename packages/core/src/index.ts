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
export {
  type CertificationRequest,
  type CreateCertificationRequestOptions,
  createCertificationRequest,
  readCertificationRequest,
  requestSignatureAlgorithm,
  verifyCertificationRequest,
} from './certificate/certification-request.ts';
export { orderChain } from './certificate/chain.ts';
export {
  type CertificateIssuer,
  type CreateCertificateOptions,
  createCertificate,
} from './certificate/create-certificate.ts';
export type { ExtendedKeyUsage, KeyUsage } from './certificate/extensions.ts';
export { generateKeyPair, type KeyAlgorithm, type KeyPair } from './certificate/key-pair.ts';
export { certificateProblems, type Problem, type ProblemCode, type ProblemOptions } from './certificate/problems.ts';
export { readCertificate } from './certificate/read-certificate.ts';
export { readPublicKey } from './certificate/read-public-key.ts';
export {
  createSelfSignedCertificate,
  type SelfSignedCertificateOptions,
} from './certificate/self-signed-certificate.ts';
export { type Thumbprints, thumbprints } from './certificate/thumbprint.ts';
export { explainText } from './diagnosis/explain.ts';
export type {
  ErrorFacts,
  ExplainEvidence,
  ExplainedCause,
  Explanation,
  Likelihood,
} from './diagnosis/explanation.ts';
export { CertgrantError, type ErrorCode, type ErrorDetails, isCertgrantError } from './errors.ts';
export {
  GraphClient,
  type GraphClientOptions,
  type GraphObject,
  type GraphRequestOptions,
} from './graph/graph-client.ts';
export { GraphError, type GraphRefusal } from './graph/graph-error.ts';
export { IncompleteRegistrationError, type RegisteredSoFar } from './graph/incomplete-registration-error.ts';
export { type KeyCredential, keyCredentialOf } from './graph/key-credential.ts';
export { findKeyHolder, type KeyHolder, type KeyHolderType } from './graph/key-holder.ts';
export {
  type RegisterApplicationOptions,
  type RegisteredApplication,
  registerApplication,
} from './graph/register-application.ts';
export { findKey, listKeys, type RegisteredKey } from './graph/registered-key.ts';
export { type ReplaceKeyCredentialsOptions, replaceKeyCredentials } from './graph/replace-key-credentials.ts';
export { type AddKeyOptions, addKey, type RemoveKeyOptions, removeKey } from './graph/roll-keys.ts';
export { claimMeanings, headerParameters, type Meaning } from './jwt/claim-dictionary.ts';
export {
  type DecodedPart,
  type DecodedToken,
  type DecodeFault,
  type DecodeFaultCode,
  decodeToken,
  type TokenPart,
} from './jwt/decode-token.ts';
export {
  type DescribedMember,
  type DescribeOptions,
  describeToken,
  type TokenDescription,
  type TokenState,
} from './jwt/describe-token.ts';
export { type FoundToken, findToken } from './jwt/find-token.ts';
export type { TokenKind } from './jwt/token-kind.ts';
export type { TokenSource } from './jwt/token-source.ts';
export type { TokenTime } from './jwt/token-time.ts';
export type { TokenWarning, TokenWarningCode } from './jwt/token-warnings.ts';
export type { VerificationFailure, VerificationFailureCode } from './jwt/verification.ts';
export { type VerifiedKey, type VerifiedToken, type VerifyTokenOptions, verifyToken } from './jwt/verify-token.ts';
export { readCertificationRequestFile, writeCertificationRequest } from './keyfile/certification-request-file.ts';
export type { Credential, PrivateKey } from './keyfile/credential.ts';
export type { FoundCertificate, FoundKey, FoundLabels, KeyFileContents } from './keyfile/key-file-contents.ts';
export { type LoadCredentialOptions, loadCredential } from './keyfile/load-credential.ts';
export { importPrivateKey } from './keyfile/private-key.ts';
export { type ReadKeyFileOptions, readKeyFile } from './keyfile/read-key-file.ts';
export { type Selection, type SelectionOptions, selectCredential } from './keyfile/select-credential.ts';
export { type WriteDerOptions, writeDer } from './keyfile/write-der.ts';
export {
  type JwkContents,
  type JwkSet,
  type JwkSetEntry,
  type PrivateJwk,
  type PublicJwk,
  writeJwk,
  writeJwkSet,
} from './keyfile/write-jwk.ts';
export { type PemContents, type WritePemOptions, writePem } from './keyfile/write-pem.ts';
export { type PfxContents, type PfxEncryption, type WritePfxOptions, writePfx } from './keyfile/write-pfx.ts';
export type { SealingKey } from './lib/engine.ts';
export { httpRequest, parseJsonObject } from './lib/http.ts';
export { type Bytes, fromBase64, toBase64, toBase64Url, toHex, utf8 } from './lib/text-encoding.ts';
export { type Platform, platformWith, randomUuid, systemPlatform } from './platform.ts';
export { createProof, type ProofOptions } from './proof/create-proof.ts';
export { type Cloud, type CloudName, cloudOf, clouds } from './token/clouds.ts';
export type { CredentialSource, ReloadableCredential } from './token/credential-source.ts';
export { type AuthorizationServer, DiscoveryError, type DiscoveryOptions, discoverIssuer } from './token/discovery.ts';
export { tenantIssuer, tokenEndpoint } from './token/endpoint.ts';
export { type AccessToken, type GetTokenOptions, TokenClient } from './token/token-client.ts';
export type { TokenClientOptions } from './token/token-client-options.ts';
export { TokenRefusedError } from './token/token-refused-error.ts';
export { type TokenTarget, tokenRequestForm } from './token/token-request.ts';
export type { StoredToken, TokenStore } from './token/token-store.ts';
export { maskForm, maskHeaders, maskObject, maskText, type Trace, type TraceEvent } from './token/trace.ts';
