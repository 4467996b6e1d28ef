import type { AttributeValue, Handle, MechanismValue, TokenInfo } from './binding.ts';
import { Flag, loggedInStates, Result, UserType } from './constants.ts';
import { explained, pkcs11Failure, resultOf } from './failure.ts';
import type { Pkcs11Module } from './module.ts';
import type { Token } from './token.ts';

/** How many handles are asked for at a time. */
const batch = 100;
/** Enough for RSA of 16,384 bits: too small a buffer would leave the session with an open operation. */
const longestSignature = 2048;

/** A session with a token: finding objects and signing. Its methods throw what {@link pkcs11Failure} makes. */
export class Session {
  readonly token: Token;
  readonly #module: Pkcs11Module;
  readonly #handle: Handle;
  /** A session does one thing at a time. */
  #lastSignature: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(module: Pkcs11Module, token: Token) {
    this.#module = module;
    this.token = token;
    this.#handle = explained('open PKCS#11 token', () => module.cryptoki.C_OpenSession(token.slot, Flag.serialSession));
  }

  /** Waits for what it is doing. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#lastSignature;
    this.closeIdle();
  }

  closeIdle(): void {
    try {
      this.#module.cryptoki.C_CloseSession(this.#handle);
    } catch {
      // It went with the token.
    }
  }

  tokenInfo(): TokenInfo {
    return explained('open PKCS#11 token', () => this.#module.cryptoki.C_GetTokenInfo(this.token.slot));
  }

  isLoggedIn(): boolean {
    const { state } = explained('open PKCS#11 token', () => this.#module.cryptoki.C_GetSessionInfo(this.#handle));
    return loggedInStates.includes(state);
  }

  /** Throws pkcs11js's own errors: what a wrong PIN means depends on the token's flags. */
  login(pin: string): void {
    try {
      this.#module.cryptoki.C_Login(this.#handle, UserType.user, pin);
    } catch (thrown) {
      if (resultOf(thrown) !== Result.userAlreadyLoggedIn) throw thrown;
    }
  }

  mechanisms(): ReadonlySet<number> {
    return explained('read PKCS#11 token', () => new Set(this.#module.cryptoki.C_GetMechanismList(this.token.slot)));
  }

  find(template: readonly AttributeValue[]): readonly Handle[] {
    const { cryptoki } = this.#module;
    return explained('read PKCS#11 token', () => {
      const found: Handle[] = [];
      cryptoki.C_FindObjectsInit(this.#handle, [...template]);
      try {
        for (;;) {
          const handles = cryptoki.C_FindObjects(this.#handle, batch);
          found.push(...handles);
          if (handles.length === 0) return found;
        }
      } finally {
        cryptoki.C_FindObjectsFinal(this.#handle);
      }
    });
  }

  /** One attribute; `undefined` where the object has it not or does not show it. */
  attribute(object: Handle, type: number): Buffer | undefined {
    return explained('read PKCS#11 token', () => {
      try {
        return this.#module.cryptoki.C_GetAttributeValue(this.#handle, object, [{ type }])[0]?.value;
      } catch (thrown) {
        const result = resultOf(thrown);
        if (result === Result.attributeTypeInvalid || result === Result.attributeSensitive) return undefined;
        throw thrown;
      }
    });
  }

  /**
   * Signs, after everything that was asked for before.
   *
   * pkcs11js starts a signature at once and makes it on a thread of libuv's pool, so that a slow card, or one that waits
   * for a touch, does not hold up timers, sockets and Ctrl-C. A module without locks is called in place.
   *
   * @param pin given again before this signature (CKU_CONTEXT_SPECIFIC), for a key that asks for it each time
   */
  async sign(key: Handle, mechanism: MechanismValue, data: Uint8Array, pin: string | undefined): Promise<Buffer> {
    if (this.#isClosed) throw new TypeError('sign: the credential has been closed');
    const signature = this.#lastSignature.then(() => this.#signNow(key, mechanism, Buffer.from(data), pin));
    this.#lastSignature = signature.catch(() => undefined);
    return signature;
  }

  async #signNow(key: Handle, mechanism: MechanismValue, data: Buffer, pin: string | undefined): Promise<Buffer> {
    const { cryptoki, isThreadSafe, duringCall } = this.#module;
    const room = Buffer.alloc(longestSignature);
    try {
      cryptoki.C_SignInit(this.#handle, mechanism, key);
      if (pin !== undefined) cryptoki.C_Login(this.#handle, UserType.contextSpecific, pin);
      if (!isThreadSafe) return cryptoki.C_Sign(this.#handle, data, room);
      return await duringCall(() => cryptoki.C_SignAsync(this.#handle, data, room));
    } catch (thrown) {
      throw pkcs11Failure('sign with PKCS#11 token', thrown);
    } finally {
      // Not only for tidiness: the other thread reads this copy by its address, and pkcs11js does not hold on to it.
      data.fill(0);
    }
  }
}
