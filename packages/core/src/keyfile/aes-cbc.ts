import { aesCipher } from '../lib/ciphers/aes.ts';
import { decryptCbc } from '../lib/ciphers/block-cipher.ts';
import type { Bytes } from '../lib/text-encoding.ts';

/** AES-CBC with PKCS#7 padding; `undefined` where the padding shows that the key is another. */
export async function decryptAesCbc(key: Bytes, iv: Bytes, ciphertext: Bytes): Promise<Bytes | undefined> {
  const imported = await importKey(key);
  if (imported === undefined) return decryptCbc(aesCipher(key), iv, ciphertext);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-CBC', iv }, imported, ciphertext));
  } catch {
    // Length or padding are wrong; Web Crypto says no more about it.
    return undefined;
  }
}

async function importKey(key: Bytes): Promise<CryptoKey | undefined> {
  try {
    return await crypto.subtle.importKey('raw', key, 'AES-CBC', false, ['decrypt']);
  } catch (thrown) {
    // Chromium has no AES of 192 bits.
    if (key.length === 24) return undefined;
    throw thrown;
  }
}
