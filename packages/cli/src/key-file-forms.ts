import { extname } from 'node:path';
import {
  type Bytes,
  CertgrantError,
  type Certificate,
  type Platform,
  type PublicKey,
  utf8,
  writeDer,
  writeJwk,
  writeJwkSet,
  writePem,
  writePfx,
} from '@certgrant/core';

/** The forms in which a key, a certificate or both can be written. */
export const keyFileForms = ['pfx', 'pem', 'cer', 'der', 'jwk', 'jwks'] as const;

export type KeyFileForm = (typeof keyFileForms)[number];

interface FormTraits {
  /** What it takes: both, or one of the two. */
  readonly needs: readonly ('key' | 'certificate')[];
  /** Whether a password can protect it. */
  readonly lockable: boolean;
  readonly isText: boolean;
}

/** `der` and `cer` part the two: a DER file holds one thing, and the certificate has a name of its own. */
export const formTraits: Readonly<Record<KeyFileForm, FormTraits>> = {
  pfx: { needs: ['key', 'certificate'], lockable: true, isText: false },
  pem: { needs: [], lockable: true, isText: true },
  cer: { needs: ['certificate'], lockable: false, isText: false },
  der: { needs: ['key'], lockable: true, isText: false },
  jwk: { needs: ['key'], lockable: false, isText: true },
  jwks: { needs: [], lockable: false, isText: true },
};

/** The form that a file's name asks for; `.p12` is the other usual name of a PFX. */
export function formOfName(path: string): KeyFileForm | undefined {
  const extension = extname(path).slice(1).toLowerCase();
  return extension === 'p12' ? 'pfx' : keyFileForms.find((form) => form === extension);
}

/** What goes into a file. */
export interface KeyFileMaterial {
  /** The private key, and its public half. */
  readonly key: { readonly pkcs8: Bytes; readonly publicKey: PublicKey } | undefined;
  /** Leaf first. */
  readonly certificates: readonly Certificate[];
}

export interface KeyFileSettings {
  readonly password: string | undefined;
  readonly legacy: boolean;
  /** A certificate alone as text. */
  readonly pem: boolean;
  readonly friendlyName: string | undefined;
  readonly keyId: string | undefined;
  readonly platform: Partial<Platform> | undefined;
}

/** Whether a file of this form, made from this material, is to be kept from others. */
export function isSecret(form: KeyFileForm, { key }: KeyFileMaterial): boolean {
  return key !== undefined && form !== 'cer' && form !== 'jwks';
}

/** The file of a form, as octets. */
export async function renderKeyFile(
  form: KeyFileForm,
  material: KeyFileMaterial,
  settings: KeyFileSettings,
): Promise<Uint8Array> {
  const { certificates } = material;
  const { password, platform, keyId } = settings;
  switch (form) {
    case 'pfx':
      return writePfx(
        { pkcs8: keyOf(material).pkcs8, certificates, friendlyName: settings.friendlyName },
        { password: password ?? '', encryption: settings.legacy ? 'tripledes-sha1' : 'aes256-sha256', platform },
      );
    case 'pem':
      return utf8(await writePem({ pkcs8: material.key?.pkcs8, certificates }, { password, platform }));
    case 'cer': {
      const leaf = certificateOf(material);
      return settings.pem ? utf8(await writePem({ certificates: [leaf] })) : leaf.der;
    }
    case 'der':
      return writeDer(keyOf(material).pkcs8, { password, platform });
    case 'jwk':
      return json(await writeJwk({ pkcs8: keyOf(material).pkcs8, certificates, keyId }));
    case 'jwks': {
      const publicKey = certificates[0]?.publicKey ?? keyOf(material).publicKey;
      return json(await writeJwkSet([{ publicKey, certificates, keyId }]));
    }
  }
}

function json(value: unknown): Bytes {
  return utf8(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** What a file of this form holds, for people. */
export function contentInWords(form: KeyFileForm, material: KeyFileMaterial, settings: KeyFileSettings): string {
  const { key, certificates } = material;
  const issuers = certificates.length - 1;
  const chain = issuers > 0 ? ` with ${issuers === 1 ? 'its issuer' : `its ${issuers} issuers`}` : '';
  const certificate = certificates.length === 0 ? '' : `certificate${chain}`;
  const both = [key === undefined ? '' : 'private key', certificate].filter((part) => part !== '').join(' and ');
  const lock = settings.password === undefined ? ', not encrypted' : ', with a password';
  switch (form) {
    case 'pfx':
      return `${both}${lock}`;
    case 'pem':
      return key === undefined ? both : `${both}${lock}`;
    case 'cer':
      return `the certificate alone${settings.pem ? ', as PEM' : ''}: upload this one`;
    case 'der':
      return `the private key alone (PKCS#8)${lock}`;
    case 'jwk':
      return `${both}, not encrypted`;
    case 'jwks':
      return `the public key${certificates.length === 0 ? '' : ` and ${certificate}`}: register this one`;
  }
}

/**
 * Refuses material that is not enough for a form, with what to give.
 *
 * @throws {CertgrantError} `PRIVATE_KEY_MISSING`, `CERTIFICATE_MISSING`
 */
export function requireMaterial(form: KeyFileForm, material: KeyFileMaterial): void {
  const { needs } = formTraits[form];
  if (needs.includes('key')) keyOf(material, form);
  if (needs.includes('certificate')) certificateOf(material, form);
}

function keyOf({ key }: KeyFileMaterial, form?: KeyFileForm): NonNullable<KeyFileMaterial['key']> {
  if (key !== undefined) return key;
  throw new CertgrantError('PRIVATE_KEY_MISSING', 'write key file: there is no private key', {
    fix:
      form === 'der'
        ? '--to cer writes the certificate as DER; for the private key give --key FILE'
        : 'Give the file with the private key too: --key FILE; --to cer, pem and jwks need none',
  });
}

function certificateOf({ certificates: [leaf] }: KeyFileMaterial, form?: KeyFileForm): Certificate {
  if (leaf !== undefined) return leaf;
  throw new CertgrantError('CERTIFICATE_MISSING', 'write key file: there is no certificate', {
    fix:
      form === 'pfx'
        ? 'Join the key with its certificate: certgrant cert join KEY CERTIFICATE --out FILE; --to pem and der need none'
        : 'Give the file with the certificate, and this one with --key',
  });
}
