export { type ClosableFetch, createFetch, type FetchOptions } from './fetch.ts';
export { readInputFile, type WriteOptions, writeFileAtomically } from './files.ts';
export { cacheFolder, openTokenCache, type TokenCacheOptions } from './token-cache.ts';
