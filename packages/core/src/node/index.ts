export { type CredentialFileOptions, credentialFile } from './credential-file.ts';
export { type ClosableFetch, createFetch, type FetchOptions } from './fetch.ts';
export { readInputFile, type WriteOptions, writeFileAtomically } from './files.ts';
export type { Pkcs11Js } from './pkcs11/binding.ts';
export { openPkcs11Credential, type Pkcs11Credential, type Pkcs11Options } from './pkcs11/open-credential.ts';
export { isPkcs11Uri, type Pkcs11Uri, parsePkcs11Uri } from './pkcs11/uri.ts';
export { cacheFolder, openTokenCache, type TokenCacheOptions } from './token-cache.ts';
