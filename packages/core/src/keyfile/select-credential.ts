import type { Certificate, PublicKey } from '../certificate/certificate.ts';
import { orderChain } from '../certificate/chain.ts';
import { subjectPublicKey } from '../certificate/read-public-key.ts';
import { thumbprints } from '../certificate/thumbprint.ts';
import { CertgrantError } from '../errors.ts';
import { concatenate } from '../lib/der/reader.ts';
import { toHex } from '../lib/text-encoding.ts';
import type { FoundCertificate, FoundKey, KeyFileContents } from './key-file-contents.ts';

/** Which certificate to take from a file with several. */
export interface SelectionOptions {
  /** SHA-1 or SHA-256 of the certificate, in hexadecimal with or without separators, or in base64url as `x5t` has it. */
  readonly thumbprint?: string | undefined;
  /** The name that the file gives to the certificate or its key. */
  readonly friendlyName?: string | undefined;
}

/** What was chosen, and from what. */
export interface Selection<Key = FoundKey> {
  readonly key: Key;
  readonly certificate: FoundCertificate;
  /** The certificate first, then each issuer of the one before it. */
  readonly chain: readonly Certificate[];
  /** Why this one: for `cert inspect`, in words. */
  readonly reason: string;
}

/** What of a private key decides whether it is chosen. */
type SelectableKey = Omit<FoundKey, 'pkcs8'>;

/** What there is to choose from. */
interface Candidates<Key = SelectableKey> extends Omit<KeyFileContents, 'format' | 'privateKeys'> {
  readonly privateKeys: readonly Key[];
}

interface Pair<Key = SelectableKey> {
  readonly key: Key;
  readonly certificate: FoundCertificate;
}

/**
 * Chooses a private key and its certificate. A certificate belongs to the key whose public half it holds; of several such
 * pairs the first is taken by this order: not a certificate authority's, an RSA key, the latest end of validity, the
 * place in the file.
 *
 * @param contents what {@link readKeyFile} found, of one file or of several
 * @returns the pair with its chain, leaf first
 * @throws {CertgrantError} `PRIVATE_KEY_MISSING`, `CERTIFICATE_MISSING`, `KEY_MISMATCH`
 * @example
 * const { key, certificate, chain } = await selectCredential(await readKeyFile(bytes), { thumbprint });
 */
export function selectCredential(
  contents: Omit<KeyFileContents, 'format'>,
  options: SelectionOptions = {},
): Promise<Selection> {
  return selectPair(contents, options);
}

/** The same with keys in any form. */
export async function selectPair<Key extends SelectableKey>(
  contents: Candidates<Key>,
  options: SelectionOptions,
): Promise<Selection<Key>> {
  const { privateKeys, certificates } = contents;
  if (privateKeys.length === 0) throw privateKeyMissing(contents);
  if (certificates.length === 0) throw certificateMissing();
  const wanted = await wantedCertificates(contents, options);
  const keys = byPublicOctets(privateKeys);
  const pairs = wanted.flatMap((certificate): Pair<Key>[] => {
    const key = keys.get(publicOctets(certificate.certificate.publicKey));
    return key === undefined ? [] : [{ key, certificate }];
  });
  const [chosen] = pairs.sort(byPreference);
  if (chosen === undefined) throw keyMismatch(contents, wanted.length < certificates.length);
  return {
    ...chosen,
    chain: orderChain(
      chosen.certificate.certificate,
      certificates.map(({ certificate }) => certificate),
    ),
    reason: reasonOf(chosen, pairs, options),
  };
}

/**
 * By the key itself: the same key may be labelled as RSA or as RSASSA-PSS, its parameters written or left out. Of several
 * copies the first.
 */
function byPublicOctets<Key extends SelectableKey>(keys: readonly Key[]): ReadonlyMap<string, Key> {
  return new Map(keys.toReversed().map((key) => [publicOctets(key.publicKey), key]));
}

/** Whether two encodings are of the same key. */
export function samePublicKey(one: PublicKey, other: PublicKey): boolean {
  return publicOctets(one) === publicOctets(other);
}

/** What two encodings of the same public key have in common. A point may be written with or without its y (SEC 1 §2.3.3). */
function publicOctets({ type, spki }: PublicKey): string {
  const octets = subjectPublicKey(spki);
  if (type !== 'EC' || octets[0] !== 4) return toHex(octets);
  const sign = 2 + ((octets.at(-1) ?? 0) & 1);
  return toHex(concatenate([new Uint8Array([sign]), octets.subarray(1, (octets.length + 1) / 2)]));
}

function byPreference(a: Pair, b: Pair): number {
  const { certificate: first } = a.certificate;
  const { certificate: second } = b.certificate;
  return (
    Number(first.isCertificateAuthority) - Number(second.isCertificateAuthority) ||
    Number(second.publicKey.type === 'RSA') - Number(first.publicKey.type === 'RSA') ||
    second.notAfter.getTime() - first.notAfter.getTime()
  );
}

const onlyOne = 'the only certificate whose private key is there';

function reasonOf(chosen: Pair, pairs: readonly Pair[], options: SelectionOptions): string {
  if (options.thumbprint !== undefined) return 'chosen by its thumbprint';
  if (options.friendlyName !== undefined) return 'chosen by its friendly name';
  if (pairs.length === 1) return onlyOne;
  const certificates = new Set(pairs.map(({ certificate }) => toHex(certificate.certificate.der))).size;
  if (certificates === 1) return onlyOne;
  const { isCertificateAuthority, publicKey } = chosen.certificate.certificate;
  const others = pairs.filter((pair) => pair !== chosen).map(({ certificate }) => certificate.certificate);
  if (!isCertificateAuthority && others.every((other) => other.isCertificateAuthority)) {
    return `of ${certificates} certificates with a private key the only one that is no certificate authority's`;
  }
  if (publicKey.type === 'RSA' && others.every((other) => other.publicKey.type !== 'RSA')) {
    return `of ${certificates} certificates with a private key the only one with an RSA key`;
  }
  return `of ${certificates} certificates with a private key the one that is valid longest`;
}

/**
 * The certificates that the options ask for.
 *
 * @throws {CertgrantError} `CERTIFICATE_MISSING`
 */
export async function wantedCertificates(
  { certificates, privateKeys }: Candidates,
  { thumbprint, friendlyName }: SelectionOptions,
): Promise<readonly FoundCertificate[]> {
  let wanted = certificates;
  if (thumbprint !== undefined) {
    const prints = await Promise.all(wanted.map(({ certificate }) => thumbprints(certificate)));
    const hex = thumbprint.replaceAll(/[^0-9A-Fa-f]/g, '').toUpperCase();
    const matches = (print: (typeof prints)[number]): boolean =>
      [print.sha1, print.sha256].includes(hex) || [print.x5t, print['x5t#S256']].includes(thumbprint.trim());
    wanted = wanted.filter((_, index) => matches(prints[index] as (typeof prints)[number]));
    if (wanted.length === 0) throw notThere('thumbprint', [...new Set(prints.map(({ sha1 }) => sha1))]);
  }
  if (friendlyName !== undefined) {
    const named = (name: string | undefined): boolean => name?.toLowerCase() === friendlyName.toLowerCase();
    // A file may name the key only, the certificate only, or both.
    const keys = byPublicOctets(privateKeys.filter((key) => named(key.friendlyName)));
    const names = [...certificates, ...privateKeys].flatMap((found) => found.friendlyName ?? []);
    wanted = wanted.filter((found) => named(found.friendlyName) || keys.has(publicOctets(found.certificate.publicKey)));
    if (wanted.length === 0) throw notThere('friendly name', [...new Set(names)]);
  }
  return wanted;
}

function notThere(what: string, present: readonly string[]): CertgrantError {
  const list = present.length === 0 ? 'none' : present.slice(0, 10).join(', ');
  return new CertgrantError('CERTIFICATE_MISSING', `load credential: no certificate has the ${what} asked for`, {
    fix: `Choose one that is there: ${list}`,
  });
}

function privateKeyMissing({ certificates, skipped }: Candidates): CertgrantError {
  const what = certificates.length === 0 ? 'nothing' : certificates.length === 1 ? 'a certificate' : 'certificates';
  const besides = skipped.length === 0 ? '' : `, besides ${skipped.slice(0, 3).join(', ')}`;
  return new CertgrantError('PRIVATE_KEY_MISSING', `load credential: there is ${what} and no private key${besides}`, {
    fix: 'Give the key file too (--key, or the option keyBytes), or export both together as PFX with the private key',
  });
}

function certificateMissing(): CertgrantError {
  return new CertgrantError('CERTIFICATE_MISSING', 'load credential: there is a private key and no certificate', {
    fix: 'Give the certificate as the file (--cert) and this one as its key (--key), or put both into one file',
  });
}

function keyMismatch({ privateKeys, certificates }: Candidates, selected: boolean): CertgrantError {
  const keys = privateKeys.length === 1 ? 'the private key is' : `none of the ${privateKeys.length} private keys is`;
  const one = privateKeys.length === 1 && certificates.length === 1;
  const whose = selected ? 'of the certificate asked for' : one ? 'of the certificate' : 'of any certificate there';
  const statement = privateKeys.length === 1 ? `${keys} not that ${whose}` : `${keys} that ${whose}`;
  return new CertgrantError('KEY_MISMATCH', `load credential: ${statement}`, {
    fix: 'Give the key that the certificate was requested with; after a renewal both files change',
  });
}
