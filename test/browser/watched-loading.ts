import { createVerifier, loadCredential } from '@certgrant/core';
import { fromBase64 } from '../portable/base64.ts';

/** What loading a credential had Web Crypto do. */
export interface WatchedLoading {
  /** Whether PS256 and RS256 signatures are those of the certificate's key. */
  readonly signatures: readonly boolean[];
  /** How often a private key was given to `importKey`. */
  readonly imported: number;
  /** Of the keys that signed: `extractable`, and the name of the error that exporting each met. */
  readonly signedWith: readonly { readonly extractable: boolean; readonly exporting: string }[];
  /** Whether `needle` stood in anything that went into `importKey` or came out of `decrypt` and `deriveBits`. */
  readonly seen: boolean;
  /** Whether the key would derive another. */
  readonly derives: boolean;
}

/** Loads a credential, signs with it, and writes down what passes through Web Crypto meanwhile. */
export async function watchLoading(file: string, password: string, needle: string): Promise<WatchedLoading> {
  const passed: Uint8Array[] = [];
  const keys = new Set<CryptoKey>();
  let imported = 0;
  const { subtle } = crypto;
  const originals = { importKey: subtle.importKey, decrypt: subtle.decrypt, deriveBits: subtle.deriveBits };
  const sign = subtle.sign;
  subtle.importKey = function (this: SubtleCrypto, ...args: unknown[]) {
    if (args[0] === 'pkcs8') imported++;
    passed.push(new Uint8Array(args[1] as ArrayBuffer));
    return Reflect.apply(originals.importKey, this, args);
  } as SubtleCrypto['importKey'];
  for (const name of ['decrypt', 'deriveBits'] as const) {
    subtle[name] = async function (this: SubtleCrypto, ...args: unknown[]) {
      const result = (await Reflect.apply(originals[name], this, args)) as ArrayBuffer;
      passed.push(new Uint8Array(result));
      return result;
    };
  }
  subtle.sign = function (this: SubtleCrypto, ...args: Parameters<SubtleCrypto['sign']>) {
    keys.add(args[1]);
    return Reflect.apply(sign, this, args);
  };
  try {
    const { privateKey, certificate } = await loadCredential(fromBase64(file), { password });
    const data = new TextEncoder().encode('signed in a page');
    const signatures = [];
    for (const alg of ['PS256', 'RS256'] as const) {
      const verifier = await createVerifier(certificate.publicKey.spki, alg);
      signatures.push(await verifier.verify(await (await privateKey.signer(alg)).sign(data), data));
    }
    const derives = (await privateKey.deriveSealingKey('watched')) !== undefined;
    const signedWith = await Promise.all(
      [...keys].map(async (key) => ({ extractable: key.extractable, exporting: await exporting(key) })),
    );
    const wanted = fromBase64(needle).join();
    return { signatures, imported, signedWith, seen: passed.some((bytes) => bytes.join().includes(wanted)), derives };
  } finally {
    Object.assign(subtle, originals, { sign });
  }
}

function exporting(key: CryptoKey): Promise<string> {
  return crypto.subtle.exportKey('pkcs8', key).then(
    () => 'exported',
    (thrown: unknown) => (thrown as DOMException).name,
  );
}
