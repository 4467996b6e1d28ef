import type { Certificate, PublicKey } from '../../certificate/certificate.ts';
import { orderChain } from '../../certificate/chain.ts';
import { CertgrantError } from '../../errors.ts';
import { type SelectionOptions, samePublicKey, wantedCertificates } from '../../keyfile/select-credential.ts';
import { toHex } from '../../lib/text-encoding.ts';
import { findCertificates, findKeys, type TokenCertificate, type TokenKey } from './objects.ts';
import type { Session } from './session.ts';
import { encoded } from './token.ts';
import type { Pkcs11Uri } from './uri.ts';

/** A private key on a token and its certificate. */
export interface TokenPair {
  readonly key: TokenKey;
  readonly certificate: Certificate;
}

/** What is to be taken from a token. */
export interface Wanted extends SelectionOptions {
  readonly uri: Pkcs11Uri;
  /** Certificates that are not on the token; the key's is then looked for among these. */
  readonly certificates?: readonly Certificate[] | undefined;
}

const action = 'find key on PKCS#11 token';

/**
 * Finds the one private key with its certificate that is meant.
 *
 * `object` and `id` of the URI may be those of the key or of the certificate. The two belong together when the
 * certificate holds the key's public half; they are looked for under the same CKA_ID first, as PKCS#11 means it (2.40
 * §4.6.3), and then among all that the token has.
 *
 * @throws {CertgrantError} `PRIVATE_KEY_MISSING`, `CERTIFICATE_MISSING`, `KEY_MISMATCH`, `KEY_AMBIGUOUS`
 */
export async function selectPair(session: Session, wanted: Wanted): Promise<TokenPair> {
  const pairs = wanted.certificates === undefined ? pairsOnToken(session, wanted) : pairsWithFile(session, wanted);
  const chosen = await narrowed(pairs, wanted);
  const best = Math.max(...chosen.map(({ rank }) => rank));
  const [only, ...others] = chosen.filter(({ rank }) => rank === best);
  if (only === undefined) throw new TypeError('selectPair: no pair is left');
  if (others.length > 0) throw ambiguous([only, ...others]);
  return only;
}

/** The certificate, then its issuers as far as the token or the file has them. */
export function chainOf(
  session: Session,
  certificate: Certificate,
  others: readonly Certificate[] = [],
): readonly Certificate[] {
  const found = [...others];
  const seen = new Set<string>();
  // By name, one step after the other: a hardware module may hold thousands of certificates.
  for (let names = [certificate.issuerDer]; names.length > 0; ) {
    const fresh = names.filter((name) => !seen.has(toHex(name)));
    for (const name of fresh) seen.add(toHex(name));
    const issuers = fresh.flatMap((subject) => findCertificates(session, { subject }));
    found.push(...issuers.map((issuer) => issuer.certificate));
    names = issuers.map((issuer) => issuer.certificate.issuerDer);
  }
  return orderChain(certificate, found);
}

interface Candidate extends TokenPair {
  /** The label of the certificate, or of the key where the certificate comes from a file. */
  readonly label: string;
  readonly id: string;
  /** How many of the two the URI names. */
  readonly rank: number;
}

function pairsOnToken(session: Session, { uri }: Wanted): readonly Candidate[] {
  const query = queryOf(uri);
  const namedKeys = uri.type === 'cert' ? [] : findKeys(session, query);
  const namedCertificates = uri.type === 'private' ? [] : findCertificates(session, query);
  const everyKey = once(() => findKeys(session, {}));
  const everyCertificate = once(() => findCertificates(session, {}));
  const pairs = new Map<string, Candidate>();
  const add = (key: TokenKey, found: TokenCertificate): void => {
    const name = `${key.handle.toString('hex')} ${toHex(found.certificate.der)}`;
    const rank = (pairs.get(name)?.rank ?? 0) + 1;
    pairs.set(name, { key, certificate: found.certificate, label: found.label || key.label, id: found.id, rank });
  };
  for (const key of namedKeys) {
    for (const found of partners(
      key.id,
      (id) => findCertificates(session, { id }),
      everyCertificate,
      (other) => belong(key, other.certificate.publicKey, other.id),
    ))
      add(key, found);
  }
  for (const found of namedCertificates) {
    for (const key of partners(
      found.id,
      (id) => findKeys(session, { id }),
      everyKey,
      (other) => belong(other, found.certificate.publicKey, found.id),
    ))
      add(key, found);
  }
  if (pairs.size > 0) return [...pairs.values()];
  if (namedKeys.length > 0) throw noCertificate(namedKeys, everyCertificate());
  throw noKey(uri, namedCertificates, everyKey());
}

function partners<Found>(
  id: string,
  byId: (id: string) => readonly Found[],
  every: () => readonly Found[],
  isPartner: (found: Found) => boolean,
): readonly Found[] {
  const near = id === '' ? [] : byId(id).filter(isPartner);
  return near.length > 0 ? near : every().filter(isPartner);
}

function pairsWithFile(session: Session, { uri, certificates = [] }: Wanted): readonly Candidate[] {
  const keys = findKeys(session, queryOf(uri));
  if (keys.length === 0) throw noKey(uri, [], findKeys(session, {}));
  if (certificates.length === 0) {
    throw new CertgrantError('CERTIFICATE_MISSING', `${action}: the file beside it holds no certificate`, {
      fix: 'Give the file with the certificate of this key, or leave it out where the token has the certificate',
    });
  }
  const pairs = keys.flatMap((key) =>
    certificates
      .filter(({ publicKey }) => belong(key, publicKey, key.id))
      .map((certificate): Candidate => ({ key, certificate, label: key.label, id: key.id, rank: 1 })),
  );
  if (pairs.length > 0) return pairs;
  const whose = certificates.length === 1 ? 'of the certificate' : 'of any certificate';
  throw new CertgrantError('KEY_MISMATCH', `${action}: the private key is not that ${whose} in the file`, {
    fix: 'Give the certificate that was requested with this key; after a renewal both change',
  });
}

/**
 * Whether a certificate could be a key's. Where the token does not show the public half, the CKA_ID decides for now;
 * whoever takes such a pair has to try it with a signature.
 */
function belong(key: TokenKey, publicKey: PublicKey, id: string): boolean {
  if (key.publicKey !== undefined) return samePublicKey(key.publicKey, publicKey);
  return publicKey.type === 'EC' && key.id === id;
}

async function narrowed(
  pairs: readonly Candidate[],
  { thumbprint, friendlyName }: SelectionOptions,
): Promise<readonly Candidate[]> {
  if (thumbprint === undefined && friendlyName === undefined) return pairs;
  const certificates = pairs.map(({ certificate, label }) => ({ certificate, friendlyName: label }));
  const found = await wantedCertificates({ certificates, privateKeys: [], skipped: [] }, { thumbprint, friendlyName });
  const left = new Set(found.map(({ certificate }) => certificate));
  return pairs.filter(({ certificate }) => left.has(certificate));
}

function queryOf({ object, id }: Pkcs11Uri): { label: string | undefined; id: string | undefined } {
  return { label: object, id: id === undefined ? undefined : toHex(id) };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** How messages name an object: as the URI would. */
function named({ label, id }: { readonly label: string; readonly id: string }): string {
  const octets = id.replace(/../g, '%$&');
  return [label === '' ? [] : `object=${encoded(label)}`, id === '' ? [] : `id=${octets}`].flat().join(';');
}

function list(objects: readonly { readonly label: string; readonly id: string }[]): string {
  const names = [...new Set(objects.map(named))].filter((name) => name !== '').sort();
  const shown = names.slice(0, 10).join(', ');
  return names.length > 10 ? `${shown}, …` : shown || 'objects without a name';
}

function ambiguous(pairs: readonly Candidate[]): CertgrantError {
  const names = new Set(pairs.map(named));
  // One key and several certificates of the same name: after a renewal.
  const fix =
    names.size === pairs.length
      ? 'Add object=… or id=… of one of them to the URI'
      : 'Say which certificate is meant by its thumbprint: --thumbprint, or the option thumbprint';
  return new CertgrantError(
    'KEY_AMBIGUOUS',
    `${action}: ${pairs.length} pairs of key and certificate fit: ${list(pairs)}`,
    {
      fix,
    },
  );
}

function noKey(
  { object, id }: Pkcs11Uri,
  certificates: readonly TokenCertificate[],
  keys: readonly TokenKey[],
): CertgrantError {
  if (certificates.length > 0) {
    return new CertgrantError('PRIVATE_KEY_MISSING', `${action}: the key of ${list(certificates)} is not on it`, {
      fix: keys.length === 0 ? 'Choose the token that the key was made on' : `Keys that are there: ${list(keys)}`,
    });
  }
  const what = object === undefined && id === undefined ? 'it holds no private key' : 'it holds no such private key';
  return new CertgrantError('PRIVATE_KEY_MISSING', `${action}: ${what}`, {
    fix:
      keys.length === 0
        ? 'Choose another token, or import or make a key on this one'
        : `Choose one that is there: ${list(keys)}`,
  });
}

function noCertificate(keys: readonly TokenKey[], certificates: readonly TokenCertificate[]): CertgrantError {
  const there = certificates.length === 0 ? '' : `; those that it holds (${list(certificates)}) are of other keys`;
  return new CertgrantError('CERTIFICATE_MISSING', `${action}: there is no certificate for ${list(keys)}${there}`, {
    fix: "Give the certificate as a file and the URI as its key (--cert FILE --key 'pkcs11:…'), or write it to the token under the key's id",
  });
}
