import { hash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  futimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { PrivateKey } from '../keyfile/credential.ts';
import { concatenate } from '../lib/der/reader.ts';
import type { SealingKey } from '../lib/engine.ts';
import { type Bytes, utf8 } from '../lib/text-encoding.ts';
import { type Platform, platformWith } from '../platform.ts';
import type { StoredToken, TokenStore } from '../token/token-store.ts';
import { readUpTo, replaceFile } from './files.ts';

/** Whose tokens are kept, and where. */
export interface TokenCacheOptions {
  /** Whose tokens these are: only the holder of this key can open what is written. */
  readonly privateKey: PrivateKey;
  /** By default {@link cacheFolder}. */
  readonly folder?: string | undefined;
  readonly platform?: Partial<Platform> | undefined;
}

/** What the sealing key is derived for. It changes with the format. */
const purpose = 'certgrant token cache 1';
/** The first bytes of each file: what it is, and the version of its format. */
const magic: Bytes = utf8('CGT1');
const nonceLength = 12;
const tagLength = 16;
/** Entra ID's longest tokens have some tens of kilobytes. */
const largestFile = 1024 * 1024;
const suffix = '.token';
/** What a process left that was killed while it wrote. */
const leftover = /^\.certgrant-[0-9a-f]{16}\.tmp$/;
const leftoverAge = 60 * 60 * 1000;

/**
 * A token store on disk: one sealed file for each token, which only the holder of the private key can open.
 *
 * A file is AES-256-GCM under a key derived from the private key, bound to what it is the token for. Whatever does not
 * open (damaged, foreign, another version) is as good as not there and is replaced. Files are replaced in one step, so
 * that any number of processes may share the folder. With a key that cannot derive another one, nothing is kept.
 *
 * @returns a store for {@link TokenClient}; it does not throw for what is on the disk
 * @example
 * const cache = openTokenCache({ privateKey: credential.privateKey });
 * const client = new TokenClient({ tenant, clientId, credential, cache });
 */
export function openTokenCache({ privateKey, folder = cacheFolder(), platform }: TokenCacheOptions): TokenStore {
  return new TokenCache(privateKey, folder, platformWith(platform));
}

/**
 * Where tokens are kept by default: `certgrant` in `$XDG_CACHE_HOME` (XDG Base Directory Specification), or in the
 * place that the operating system has for caches.
 *
 * @param env the environment; by default that of the process
 * @returns an absolute path; the folder need not exist
 * @example
 * const cache = openTokenCache({ privateKey, folder: join(cacheFolder(), 'my-daemon') });
 */
export function cacheFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = env;
  // The specification says to ignore a relative path.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'certgrant');
  if (process.platform === 'win32' && local !== undefined && isAbsolute(local))
    return join(local, 'certgrant', 'cache');
  const home = env.HOME !== undefined && isAbsolute(env.HOME) ? env.HOME : homedir();
  return process.platform === 'darwin'
    ? join(home, 'Library', 'Caches', 'certgrant')
    : join(home, '.cache', 'certgrant');
}

class TokenCache implements TokenStore {
  readonly #privateKey: PrivateKey;
  readonly #folder: string;
  readonly #platform: Platform;
  #sealingKey: Promise<SealingKey | undefined> | undefined;

  constructor(privateKey: PrivateKey, folder: string, platform: Platform) {
    this.#privateKey = privateKey;
    this.#folder = folder;
    this.#platform = platform;
  }

  async read(key: string): Promise<StoredToken | undefined> {
    const sealed = readSmallFile(this.#pathOf(key));
    if (sealed === undefined || sealed.length <= magic.length + nonceLength + tagLength) return undefined;
    if (magic.some((byte, index) => sealed[index] !== byte)) return undefined;
    const sealingKey = await this.#deriveSealingKey();
    if (sealingKey === undefined) return undefined;
    const nonce = sealed.subarray(magic.length, magic.length + nonceLength);
    const content = sealed.subarray(magic.length + nonceLength);
    try {
      return readContent(await sealingKey.open(content, nonce, boundTo(key)));
    } catch {
      return undefined;
    }
  }

  async write(key: string, token: StoredToken): Promise<void> {
    const sealingKey = await this.#deriveSealingKey();
    if (sealingKey === undefined) return;
    const { accessToken, tokenType, expiresOn, refreshOn } = token;
    // Random nonces of 96 bits are safe for four thousand million writes under one key (NIST SP 800-38D §8.3).
    const nonce = this.#platform.randomBytes(nonceLength);
    const content = utf8(JSON.stringify({ accessToken, tokenType, expiresOn, refreshOn }));
    const sealed = await sealingKey.seal(content, nonce, boundTo(key));
    const file = new Uint8Array(magic.length + nonceLength + sealed.length);
    file.set(magic);
    file.set(nonce, magic.length);
    file.set(sealed, magic.length + nonceLength);
    this.#prepareFolder();
    this.#clean();
    replaceFile(this.#pathOf(key), file, {
      mode: 0o600,
      overwrite: true,
      // After a power failure it may be damaged, and is then asked for again.
      durable: false,
      // The time of modification says when it expires, so that cleaning need not open it.
      prepare: (descriptor) => futimesSync(descriptor, this.#platform.now() / 1000, expiresOn / 1000),
    });
  }

  /** The names tell nothing; another certificate of the same application has files of its own. */
  #pathOf(key: string): string {
    const name = hash('sha256', concatenate([this.#privateKey.publicKey.spki, utf8(key)]));
    return join(this.#folder, name.slice(0, 40) + suffix);
  }

  #deriveSealingKey(): Promise<SealingKey | undefined> {
    this.#sealingKey ??= this.#privateKey.deriveSealingKey(purpose);
    return this.#sealingKey;
  }

  #prepareFolder(): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    if (process.platform !== 'win32' && (statSync(this.#folder).mode & 0o077) !== 0) chmodSync(this.#folder, 0o700);
  }

  /** Removes what has expired, of every key, and what killed processes left. It is no matter if some of it fails. */
  #clean(): void {
    const now = this.#platform.now();
    for (const name of readdirSync(this.#folder)) {
      const age = name.endsWith(suffix) ? 0 : leftoverAge;
      if (age === 0 || leftover.test(name)) removeOlder(join(this.#folder, name), now - age);
    }
  }
}

/** The token in a file is bound to what it was asked for: renaming files puts no token in another's place. */
function boundTo(key: string): Bytes {
  return utf8(`${purpose}\n${key}`);
}

/** The content of a small regular file; `undefined` for anything else. */
function readSmallFile(path: string): Bytes | undefined {
  let descriptor: number | undefined;
  try {
    // O_NONBLOCK: a pipe in this place must not stop us. Windows has neither flag.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    descriptor = openSync(path, flags);
    const stats = fstatSync(descriptor);
    return stats.isFile() && stats.size <= largestFile ? readUpTo(descriptor, largestFile, stats.size) : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function removeOlder(path: string, time: number): void {
  try {
    if (statSync(path).mtimeMs < time) rmSync(path);
  } catch {
    // Another process was faster, or it is not ours to remove.
  }
}

function readContent(content: Bytes): StoredToken | undefined {
  const value: unknown = JSON.parse(new TextDecoder().decode(content));
  if (typeof value !== 'object' || value === null) return undefined;
  const { accessToken, tokenType, expiresOn, refreshOn } = value as Partial<Record<keyof StoredToken, unknown>>;
  if (typeof accessToken !== 'string' || typeof tokenType !== 'string') return undefined;
  if (typeof expiresOn !== 'number' || typeof refreshOn !== 'number') return undefined;
  return { accessToken, tokenType, expiresOn, refreshOn };
}
