import { resolve } from 'node:path';
import type { Certificate } from '../../certificate/certificate.ts';
import { CertgrantError } from '../../errors.ts';
import type { Credential } from '../../keyfile/credential.ts';
import type { SelectionOptions } from '../../keyfile/select-credential.ts';
import { toHex } from '../../lib/text-encoding.ts';
import { readInputFile } from '../files.ts';
import { loadPkcs11Js, type Pkcs11Js } from './binding.ts';
import { logIn, type PinOptions } from './login.ts';
import { type Pkcs11Module, useModule } from './module.ts';
import { modulePathOf } from './module-path.ts';
import { showsAny } from './objects.ts';
import { isKeyOf, tokenPrivateKey } from './private-key.ts';
import { chainOf, selectPair, type TokenPair } from './select.ts';
import { Session } from './session.ts';
import { findTokens, nameOf, type Token } from './token.ts';
import { type Pkcs11Uri, parsePkcs11Uri } from './uri.ts';

/** How to open a key on a PKCS#11 token; `pin-source` of the URI wins over `pin` and `askPin`. */
export interface Pkcs11Options extends PinOptions, SelectionOptions {
  /** Certificates from elsewhere, where the token holds the private key alone: the key's and its issuers. */
  readonly certificates?: readonly Certificate[] | undefined;
  /** The folder that relative paths in the URI start from; by default the current one. */
  readonly folder?: string | undefined;
  /** The package pkcs11js, where it is not installed beside this one. */
  readonly pkcs11js?: Pkcs11Js | undefined;
}

/** A credential whose private key stays on a PKCS#11 token. */
export interface Pkcs11Credential extends Credential {
  /** Ends the session with the token; the last one to close also shuts the module down. The end of the process does both. */
  close(): Promise<void>;
}

/**
 * Opens a private key on a PKCS#11 token, and finds its certificate there.
 *
 * Everything but signatures is done in place and holds the process up for that long; signatures of one credential are
 * made one after the other, on a thread of their own.
 *
 * @param uri a `pkcs11:` URI (RFC 7512) with `module-path` or `module-name`, and as many of the attributes `token`,
 * `serial`, `object`, `id` … as tell the key from others
 * @throws {CertgrantError} `USAGE` for the URI; `FILE_NOT_FOUND` for its files; `KEY_STORE_UNAVAILABLE` when pkcs11js, the
 * module or the token cannot be used; `PASSWORD_REQUIRED`, `PASSWORD_WRONG`, `PASSWORD_LOCKED` for the PIN, which is sent
 * once; `PRIVATE_KEY_MISSING`, `CERTIFICATE_MISSING`, `KEY_MISMATCH`, `KEY_AMBIGUOUS`
 * @example
 * const uri = 'pkcs11:token=prod;object=daemon?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/daemon.pin';
 * const credential = await openPkcs11Credential(uri);
 */
export async function openPkcs11Credential(uri: string, options: Pkcs11Options = {}): Promise<Pkcs11Credential> {
  const { folder = process.cwd(), certificates, pkcs11js } = options;
  const parsed = parsePkcs11Uri(uri);
  const path = modulePathOf(parsed, folder);
  const pin = parsed.pinSource === undefined ? options.pin : await readPin(resolve(folder, parsed.pinSource));
  const module = useModule(path, pkcs11js ?? (await loadPkcs11Js()));
  let session: Session | undefined;
  try {
    session = openSession(module, parsed);
    const usedPin = await logIn(session, { pin, askPin: options.askPin });
    const pair = await selectPair(session, { ...options, uri: parsed });
    const privateKey = await usableKey(session, pair, usedPin);
    return {
      privateKey,
      certificate: pair.certificate,
      chain: chainOf(session, pair.certificate, certificates),
      close: closing(module, session),
    };
  } catch (thrown) {
    session?.closeIdle();
    module.release();
    throw thrown;
  }
}

function closing(module: Pkcs11Module, session: Session): () => Promise<void> {
  let closed: Promise<void> | undefined;
  return () => {
    closed ??= session.close().then(() => module.release());
    return closed;
  };
}

/** The last line break does not count, as in other files with passwords. */
async function readPin(path: string): Promise<string> {
  return new TextDecoder().decode(await readInputFile(path)).replace(/\r?\n$/, '');
}

/**
 * A session with the one token that is meant. Where the URI fits several, those count that show such an object to
 * everybody: nobody wants a PIN tried on every card in turn.
 */
function openSession(module: Pkcs11Module, uri: Pkcs11Uri): Session {
  const [first, ...others] = findTokens(module.cryptoki, uri);
  if (others.length === 0) return new Session(module, first);
  const query = { label: uri.object, id: uri.id === undefined ? undefined : toHex(uri.id) };
  const [only, ...more] = [first, ...others].filter((token) => {
    const session = new Session(module, token);
    try {
      return showsAny(session, query);
    } finally {
      session.closeIdle();
    }
  });
  if (only === undefined || more.length > 0)
    throw severalTokens(only === undefined ? [first, ...others] : [only, ...more]);
  return new Session(module, only);
}

function severalTokens(tokens: readonly Token[]): CertgrantError {
  const names = tokens.map(nameOf).sort().slice(0, 10).join(', ');
  return new CertgrantError('KEY_AMBIGUOUS', `find PKCS#11 token: ${tokens.length} tokens fit: ${names}`, {
    fix: 'Add token=… or serial=… of one of them to the URI',
  });
}

async function usableKey(
  session: Session,
  { key, certificate }: TokenPair,
  pin: string | undefined,
): Promise<Credential['privateKey']> {
  const privateKey = tokenPrivateKey({ session, key, publicKey: key.publicKey ?? certificate.publicKey, pin });
  // The token did not show whose key it is, so that it has to prove it.
  if (key.publicKey === undefined && !(await isKeyOf(privateKey))) {
    throw new CertgrantError(
      'KEY_MISMATCH',
      'find key on PKCS#11 token: the private key is not that of the certificate',
      {
        fix: 'Give the certificate that was requested with this key; after a renewal both change',
      },
    );
  }
  return privateKey;
}
