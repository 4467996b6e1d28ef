/** A token as it is kept. All times are in milliseconds since 1970. */
export interface StoredToken {
  readonly accessToken: string;
  readonly tokenType: string;
  readonly expiresOn: number;
  /** From when on a new one is asked for. */
  readonly refreshOn: number;
}

/**
 * Keeps tokens beyond the process, behind the token client's memory.
 *
 * What it keeps are secrets: an implementation seals them. It need not throw anything away, since the client looks at
 * the times; and if it throws, the client goes on without it.
 */
export interface TokenStore {
  /** @param key text that tells authority, tenant, client, target and claims apart */
  read(key: string): StoredToken | undefined | Promise<StoredToken | undefined>;
  write(key: string, token: StoredToken): void | Promise<void>;
}
