/** Numbers of PKCS#11 (Base Specification 2.40, appendix B; mechanisms: Current Mechanisms Specification 2.40). */

/** What C_GetTokenInfo and C_Initialize flag (§3.2, §3.7). */
export const Flag = {
  loginRequired: 0x4,
  userPinInitialized: 0x8,
  protectedAuthenticationPath: 0x100,
  tokenInitialized: 0x400,
  userPinCountLow: 0x10000,
  userPinFinalTry: 0x20000,
  userPinLocked: 0x40000,
  /** For C_OpenSession: always set. */
  serialSession: 0x4,
  /** For C_Initialize: the module may use the operating system's locks. */
  osLocking: 0x2,
} as const;

/** CKO_… */
export const ObjectClass = { certificate: 1, publicKey: 2, privateKey: 3 } as const;

/** CKK_… */
export const KeyType = { rsa: 0, ec: 3 } as const;

/** CKC_X_509 */
export const x509 = 0;

/** CKU_… */
export const UserType = { user: 1, contextSpecific: 2 } as const;

/** CKS_… of a session whose user has logged in. */
export const loggedInStates: readonly number[] = [1, 3];

/** CKA_… */
export const Attribute = {
  class: 0x0,
  label: 0x3,
  value: 0x11,
  certificateType: 0x80,
  keyType: 0x100,
  subject: 0x101,
  id: 0x102,
  modulus: 0x120,
  publicExponent: 0x122,
  publicKeyInfo: 0x129,
  ecParameters: 0x180,
  ecPoint: 0x181,
  alwaysAuthenticate: 0x202,
} as const;

/** CKM_… */
export const Mechanism = {
  rsaPkcs: 0x1,
  rsaPss: 0xd,
  sha256RsaPkcs: 0x40,
  sha256RsaPss: 0x43,
  sha256: 0x250,
  ecdsa: 0x1041,
  ecdsaSha256: 0x1044,
  ecdsaSha384: 0x1045,
} as const;

/** CKG_MGF1_SHA256 */
export const mgf1Sha256 = 2;

/** CKR_… that are told apart. */
export const Result = {
  cantLock: 0xa,
  attributeSensitive: 0x11,
  attributeTypeInvalid: 0x12,
  pinIncorrect: 0xa0,
  userAlreadyLoggedIn: 0x100,
  cryptokiAlreadyInitialized: 0x191,
} as const;
