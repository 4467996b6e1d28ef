import type { Certificate } from '../certificate/certificate.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import type { Platform } from '../platform.ts';

/** What goes into a PKCS#12 file. */
export interface PfxContents {
  /** PrivateKeyInfo (RFC 5958) as DER. */
  readonly pkcs8: Bytes;
  /** The private key's certificate first, then its issuers. */
  readonly certificates: readonly Certificate[];
  /** The name that Windows and browsers show for the key. */
  readonly friendlyName?: string | undefined;
}

/**
 * - `aes256-sha256`: for everything since about 2019: Windows 10 1709 and Server 2019, OpenSSL 1.1, Java 8u301.
 * - `tripledes-sha1`: for what is older. Weak; the password must be a long random one.
 */
export type PfxEncryption = 'aes256-sha256' | 'tripledes-sha1';

/** How a PFX file is encrypted. */
export interface WritePfxOptions {
  /** May be empty, which not every reader takes. Letters beyond ASCII are read by most tools, but not by Java. */
  readonly password: string;
  /** By default `aes256-sha256`. */
  readonly encryption?: PfxEncryption | undefined;
  readonly platform?: Partial<Platform> | undefined;
}

/**
 * Writes a private key and its certificates as a PKCS#12 file (RFC 7292), everything encrypted, in the order in which
 * Windows writes it.
 *
 * @returns the file; a secret
 * @throws {RangeError} for an encryption that is none of those
 * @example
 * const pfx = await writePfx({ pkcs8: keyPair.pkcs8, certificates: [certificate] }, { password });
 */
export async function writePfx(contents: PfxContents, options: WritePfxOptions): Promise<Bytes> {
  const { encodePfx } = await import('./encode-pfx.ts');
  return encodePfx(contents, options);
}
