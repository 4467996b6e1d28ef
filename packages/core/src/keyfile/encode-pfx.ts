import type { Certificate } from '../certificate/certificate.ts';
import {
  bmpString,
  explicit,
  implicit,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  setOf,
} from '../lib/der/writer.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import { type Platform, platformWith } from '../platform.ts';
import { writeAlgorithmIdentifier } from './algorithm-identifier.ts';
import { requireHash } from './hash-function.ts';
import { Oid } from './object-identifiers.ts';
import { utf16 } from './passwords.ts';
import { derivePkcs12, purpose } from './pkcs12-key-derivation.ts';
import {
  type Encryption,
  encryptAes256,
  encryptTripleDes,
  legacyIterations,
  modernIterations,
} from './write-encryption.ts';
import type { PfxContents, PfxEncryption, WritePfxOptions } from './write-pfx.ts';

interface Profile {
  readonly encrypt: Encryption;
  /** Identifier of the hash. */
  readonly hash: string;
  readonly iterations: number;
  readonly saltLength: number;
}

const profiles: Readonly<Record<PfxEncryption, Profile>> = {
  'aes256-sha256': {
    encrypt: encryptAes256,
    hash: Oid.sha256,
    iterations: modernIterations,
    saltLength: 16,
  },
  'tripledes-sha1': {
    encrypt: encryptTripleDes,
    hash: Oid.sha1,
    iterations: legacyIterations,
    saltLength: 8,
  },
};

/** PFX (RFC 7292 §4): the key in a bag of its own encryption, then the certificates encrypted together, then the MAC. */
export async function encodePfx(contents: PfxContents, options: WritePfxOptions): Promise<Bytes> {
  const profile = profiles[options.encryption ?? 'aes256-sha256'];
  if (profile === undefined) throw new RangeError('write PKCS#12 file: an unknown kind of encryption');
  const platform = platformWith(options.platform);
  const { password } = options;
  const attributes = bagAttributes(contents.friendlyName);
  const [key, certificates] = await Promise.all([
    profile.encrypt(contents.pkcs8, password, platform),
    profile.encrypt(certificateBags(contents.certificates, attributes), password, platform),
  ]);
  const shrouded = sequence(key.algorithm, octetString(key.ciphertext));
  const keyBag = sequence(oid(Oid.shroudedKeyBag), explicit(0, shrouded), attributes);
  const encryptedContent = sequence(
    oid(Oid.data),
    certificates.algorithm,
    implicit(0, octetString(certificates.ciphertext)),
  );
  const authenticatedSafe = sequence(
    dataInfo(sequence(keyBag)),
    sequence(oid(Oid.encryptedData), explicit(0, sequence(integer(0), encryptedContent))),
  );
  const mac = await macData(profile, authenticatedSafe, password, platform);
  return sequence(integer(3), dataInfo(authenticatedSafe), mac);
}

function dataInfo(data: Bytes): Bytes {
  return sequence(oid(Oid.data), explicit(0, octetString(data)));
}

/** The identifier ties the key to its certificate; Windows numbers them like this. */
function bagAttributes(friendlyName: string | undefined): Bytes {
  const localKeyId = sequence(oid(Oid.localKeyId), setOf(octetString(new Uint8Array([1, 0, 0, 0]))));
  if (friendlyName === undefined) return setOf(localKeyId);
  return setOf(localKeyId, sequence(oid(Oid.friendlyName), setOf(bmpString(friendlyName))));
}

function certificateBags(certificates: readonly Certificate[], attributes: Bytes): Bytes {
  const bags = certificates.map(({ der }, index) => {
    const value = sequence(oid(Oid.x509Certificate), explicit(0, octetString(der)));
    return sequence(oid(Oid.certificateBag), explicit(0, value), ...(index === 0 ? [attributes] : []));
  });
  return sequence(...bags);
}

/** MacData (RFC 7292 Appendix B.4). */
async function macData(profile: Profile, contents: Bytes, password: string, platform: Platform): Promise<Bytes> {
  const { iterations } = profile;
  const hash = await requireHash(profile.hash);
  const salt = platform.randomBytes(profile.saltLength);
  const key = await derivePkcs12(hash, utf16(password), {
    salt,
    iterations,
    id: purpose.mac,
    length: hash.outputLength,
  });
  const digestInfo = sequence(
    writeAlgorithmIdentifier(profile.hash, nullValue()),
    octetString(await hash.hmac(key, contents)),
  );
  return sequence(digestInfo, octetString(salt), integer(iterations));
}
