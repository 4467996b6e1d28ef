import { statSync } from 'node:fs';
import type { Credential } from '../keyfile/credential.ts';
import { type LoadCredentialOptions, loadCredential } from '../keyfile/load-credential.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import type { ReloadableCredential } from '../token/credential-source.ts';
import { readInputFile } from './files.ts';

/** How a key file is opened, and when it is opened again. */
export interface CredentialFileOptions extends Omit<LoadCredentialOptions, 'keyBytes'> {
  /** A second file with the private key, when the first holds only the certificate. */
  readonly keyPath?: string | undefined;
  /**
   * Look before each request whether the file was replaced. By default that is done only after the server has refused the
   * certificate.
   */
  readonly watch?: boolean | undefined;
}

/**
 * The credential in a key file, read again when the file has changed: a certificate that is replaced on disk is taken up
 * without a restart.
 *
 * Whether a file has changed is told by what the file system says of it (time, size, number), which takes microseconds. A
 * new file that cannot be read, such as one that is half written, leaves the present credential in place; it is tried again
 * when it has changed again.
 *
 * @param path of the PFX, PEM, DER or JWK file; symbolic links are followed, so that the file may be replaced by another link
 * @returns what `TokenClient` takes as its credential; `load` and `reload` throw what `loadCredential` and `readInputFile`
 * throw, `load` only as long as no credential was ever read
 * @example
 * const credential = credentialFile('/etc/my-daemon/my-daemon.pfx', { password, watch: true });
 * const client = new TokenClient({ tenant, clientId, credential });
 */
export function credentialFile(path: string, options: CredentialFileOptions = {}): ReloadableCredential {
  return new CredentialFile(path, options);
}

/** What came of reading the files in one state. */
interface Reading {
  readonly state: string;
  readonly credential: Promise<Credential>;
}

class CredentialFile implements ReloadableCredential {
  readonly #path: string;
  readonly #options: CredentialFileOptions;
  /** What the last reading gave that gave one. */
  #present: Credential | undefined;
  /** The last reading, whatever came of it. */
  #last: Reading | undefined;

  constructor(path: string, options: CredentialFileOptions) {
    this.#path = path;
    this.#options = options;
  }

  async load(): Promise<Credential> {
    if (this.#present === undefined) return this.reload();
    if (this.#options.watch !== true) return this.#present;
    try {
      return await this.reload();
    } catch {
      // The server decides whether it still takes the present one; if it does not, `reload` says what is wrong.
      return this.#present;
    }
  }

  reload(): Promise<Credential> {
    // Taken before the file is read, so that a change meanwhile shows the next time.
    const state = this.#state();
    if (this.#last?.state === state) return this.#last.credential;
    const credential = this.#read();
    this.#last = { state, credential };
    // A slow reading must not put an older certificate in the place of the one that came after it.
    const isNewest = (): boolean => this.#last?.credential === credential;
    credential.then(
      (read) => {
        if (isNewest()) this.#present = read;
      },
      () => {},
    );
    return credential;
  }

  async #read(): Promise<Credential> {
    const [bytes, keyBytes] = await this.#bytes();
    return loadCredential(bytes, { ...this.#options, keyBytes });
  }

  async #bytes(): Promise<readonly [Bytes, Bytes | undefined]> {
    const { keyPath } = this.#options;
    try {
      return [await readInputFile(this.#path), keyPath === undefined ? undefined : await readInputFile(keyPath)];
    } catch (thrown) {
      // Too many open files, a server that is away: what is not the file's own fault may be gone the next time.
      this.#last = undefined;
      throw thrown;
    }
  }

  #state(): string {
    const { keyPath } = this.#options;
    return keyPath === undefined ? stateOf(this.#path) : `${stateOf(this.#path)} ${stateOf(keyPath)}`;
  }
}

/** Tells one state of a file from the next: its place, its size, and when its contents or its name last changed. */
function stateOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
  } catch {
    return 'absent';
  }
}
