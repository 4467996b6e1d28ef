import {
  type Certificate,
  createCertificationRequest,
  createSelfSignedCertificate,
  createSigner,
  generateKeyPair,
  type KeyAlgorithm,
  type Platform,
  type PublicKey,
  readKeyFile,
  readPublicKey,
  requestSignatureAlgorithm,
  utf8,
  writeCertificationRequest,
  writePem,
} from '@certgrant/core';
import { readInputFile, writeFileAtomically } from '@certgrant/core/node';
import type { KeyFileMaterial } from '../key-file-forms.ts';
import { exists } from '../output/files.ts';
import { shellWord } from '../output/trust.ts';
import { usageError } from '../usage.ts';
import type { Pause } from './engine.ts';
import { conflict } from './steps/conflict.ts';

/** What the new certificate is to say; what is left out is as in the current one. */
export interface NextProfile {
  readonly keyType: KeyAlgorithm | undefined;
  readonly subject: string | undefined;
  readonly subjectAlternativeNames: readonly string[];
  readonly validityDays: number | undefined;
  /** Whether a certificate that a CA issued may be followed by a self-signed one. */
  readonly selfSigned: boolean;
}

/** A new certificate just like the current one. */
export const plainProfile: NextProfile = {
  keyType: undefined,
  subject: undefined,
  subjectAlternativeNames: [],
  validityDays: undefined,
  selfSigned: false,
};

/** Where the new key and certificate come from. */
export type NextSource =
  | { readonly kind: 'generate'; readonly profile: NextProfile }
  | { readonly kind: 'given'; readonly read: () => Promise<KeyFileMaterial> }
  | { readonly kind: 'request'; readonly profile: NextProfile; readonly request: string };

const day = 24 * 60 * 60_000;

/** The new key and a self-signed certificate like the current one. */
export async function generateNext(
  current: Certificate,
  profile: NextProfile,
  platform: Partial<Platform> | undefined,
): Promise<KeyFileMaterial> {
  const { subject, names } = like(current, profile);
  const keyPair = await generateKeyPair(profile.keyType ?? keyTypeLike(current.publicKey));
  const validity = (current.notAfter.getTime() - current.notBefore.getTime()) / day;
  const certificate = await createSelfSignedCertificate({
    keyPair,
    subject,
    subjectAlternativeNames: names,
    validityDays: profile.validityDays ?? validity,
    platform,
  });
  return { key: { pkcs8: keyPair.pkcs8, publicKey: readPublicKey(keyPair.spki) }, certificates: [certificate] };
}

/** A CA's certificate has a reason: other parties may trust it by its issuer. */
export function requireSelfSigned(current: Certificate, { selfSigned }: NextProfile): void {
  if (selfSigned || current.subject === current.issuer) return;
  throw usageError(
    `rotate: the current certificate was issued by ${current.issuer}`,
    'Give --csr FILE for a request to that authority, --new FILE with its new certificate, or --self-signed to go on without it',
  );
}

/** What {@link requestNext} needs to know. */
export interface RequestOrder {
  readonly profile: NextProfile;
  /** The path of the request. */
  readonly request: string;
  /** Where the new private key waits for its certificate. */
  readonly keyFile: string;
  /** Where the two are to be put together. */
  readonly next: string;
  readonly password: string | undefined;
  readonly platform: Partial<Platform> | undefined;
}

/** A new key and a request for its certificate, unless they are there already; the CA's answer has to be waited for. */
export async function requestNext(current: Certificate, order: RequestOrder): Promise<Pause> {
  const { profile, request, keyFile, next, password, platform } = order;
  if (!exists(keyFile)) {
    const { pkcs8 } = await generateKeyPair(profile.keyType ?? keyTypeLike(current.publicKey));
    const text = await writePem({ pkcs8, certificates: [] }, { password, platform });
    await writeFileAtomically(keyFile, utf8(text), { mode: 0o600, overwrite: false });
  }
  if (!exists(request)) {
    const [key] = (await readKeyFile(await readInputFile(keyFile), { password })).privateKeys;
    if (key === undefined) throw conflict(`${keyFile} holds no private key`, 'Remove it to have a new key made');
    const { subject, names } = like(current, profile);
    const made = await createCertificationRequest({
      subject,
      publicKey: key.publicKey.spki,
      signer: await createSigner(key.pkcs8, requestSignatureAlgorithm(key.publicKey)),
      subjectAlternativeNames: names,
    });
    await writeFileAtomically(request, utf8(writeCertificationRequest(made)), { mode: 0o644, overwrite: false });
  }
  const join = `certgrant cert join ${shellWord(keyFile)} ANSWER --out ${shellWord(next)}`;
  return {
    pause: `send ${request} to the certificate authority, join its ANSWER by ${join}, and run the same command`,
  };
}

function like(
  current: Certificate,
  { subject = current.subject, subjectAlternativeNames }: NextProfile,
): { readonly subject: string; readonly names: readonly string[] } {
  const own = subjectAlternativeNames.length > 0;
  const names = own ? subjectAlternativeNames : current.subjectAlternativeNames;
  // Names of kinds that certgrant cannot write; a daemon's certificate has none.
  return { subject, names: names.filter((name) => !name.startsWith('other:')) };
}

/** Of the usual sizes the one that is not smaller. */
function keyTypeLike({ type, bits, curve }: PublicKey): KeyAlgorithm {
  if (type === 'RSA') return bits <= 2048 ? 'RSA-2048' : bits <= 3072 ? 'RSA-3072' : 'RSA-4096';
  if (curve === 'P-256' || curve === 'P-384') return curve;
  throw usageError(`rotate: no key of the type ${type} is made here`, 'Give --key-type RSA-2048, or --new FILE');
}
