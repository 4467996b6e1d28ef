import type { Bytes } from '../text-encoding.ts';

/** A block cipher under one key; both directions work in place on the block at `offset`. */
export interface BlockCipher {
  /** In octets. */
  readonly blockLength: number;
  decryptBlock(octets: Uint8Array, offset: number): void;
  encryptBlock?(octets: Uint8Array, offset: number): void;
}

/**
 * Cipher block chaining with the padding of PKCS#7 (RFC 5652 §6.3), backwards.
 *
 * @returns `undefined` when length or padding cannot be right, as after a wrong password
 */
export function decryptCbc(cipher: BlockCipher, iv: Uint8Array, ciphertext: Uint8Array): Bytes | undefined {
  const { blockLength } = cipher;
  if (iv.length !== blockLength || ciphertext.length === 0 || ciphertext.length % blockLength !== 0) return undefined;
  const octets = new Uint8Array(ciphertext);
  for (let offset = 0; offset < octets.length; offset += blockLength) {
    cipher.decryptBlock(octets, offset);
    const from = offset === 0 ? iv : ciphertext;
    const start = offset === 0 ? 0 : offset - blockLength;
    for (let i = 0; i < blockLength; i++) {
      octets[offset + i] = (octets[offset + i] as number) ^ (from[start + i] as number);
    }
  }
  const padding = octets[octets.length - 1] as number;
  if (padding === 0 || padding > blockLength) return undefined;
  for (const octet of octets.subarray(octets.length - padding)) if (octet !== padding) return undefined;
  return octets.subarray(0, octets.length - padding);
}

/** Cipher block chaining with the padding of PKCS#7. */
export function encryptCbc(cipher: Required<BlockCipher>, iv: Uint8Array, plaintext: Uint8Array): Bytes {
  const { blockLength } = cipher;
  const padding = blockLength - (plaintext.length % blockLength);
  const octets = new Uint8Array(plaintext.length + padding).fill(padding);
  octets.set(plaintext);
  for (let offset = 0; offset < octets.length; offset += blockLength) {
    const from = offset === 0 ? iv : octets;
    const start = offset === 0 ? 0 : offset - blockLength;
    for (let i = 0; i < blockLength; i++) {
      octets[offset + i] = (octets[offset + i] as number) ^ (from[start + i] as number);
    }
    cipher.encryptBlock(octets, offset);
  }
  return octets;
}
