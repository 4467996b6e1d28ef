import type { Certificate } from '../certificate/certificate.ts';
import type { Credential } from '../keyfile/credential.ts';

/** A credential that may be replaced while the program runs, such as `credentialFile` of `@certgrant/core/node`. */
export interface ReloadableCredential {
  /** The present credential; asked for before each request, so it must be quick once there is one. */
  load(): Credential | Promise<Credential>;
  /** Looks whether there is a newer one, after a server refused the present one; gives the present one if there is none. */
  reload(): Credential | Promise<Credential>;
}

/** A credential, a function that gives the present one for each request, or one that is reloaded when it is refused. */
export type CredentialSource = Credential | (() => Credential | Promise<Credential>) | ReloadableCredential;

/** The present credential of a source. */
export class PresentCredential {
  /** The credential itself, where it never changes. */
  readonly fixed: Credential | undefined;
  readonly #load: () => Credential | Promise<Credential>;
  readonly #reload: () => Credential | Promise<Credential>;
  #last: Credential | undefined;
  #reloading: Promise<Credential> | undefined;

  constructor(source: CredentialSource) {
    if (typeof source === 'function') {
      this.#load = source;
      this.#reload = source;
    } else if ('reload' in source) {
      this.#load = () => source.load();
      this.#reload = () => source.reload();
    } else {
      this.fixed = source;
      this.#load = () => source;
      this.#reload = () => source;
    }
  }

  async get(): Promise<Credential> {
    this.#last = await this.#load();
    return this.#last;
  }

  /**
   * Whether there is another credential than the one that a server refused. The source is asked to reload once for all who
   * want to know at the same time, and not at all where it has been replaced meanwhile.
   *
   * @throws what the source throws
   */
  async isReplaced(refused: Certificate): Promise<boolean> {
    if (this.fixed !== undefined) return false;
    if (this.#last === undefined || isSame(this.#last.certificate, refused)) {
      this.#reloading ??= this.#reloadOnce();
      this.#last = await this.#reloading;
    }
    return !isSame(this.#last.certificate, refused);
  }

  async #reloadOnce(): Promise<Credential> {
    try {
      return await this.#reload();
    } finally {
      this.#reloading = undefined;
    }
  }
}

/** A key belongs to its certificate, so another key comes with another certificate. */
function isSame({ der: a }: Certificate, { der: b }: Certificate): boolean {
  return a === b || (a.length === b.length && a.every((byte, index) => byte === b[index]));
}
