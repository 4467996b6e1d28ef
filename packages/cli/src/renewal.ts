import { resolve } from 'node:path';
import {
  type Certificate,
  certificateProblems,
  isCertgrantError,
  type KeyFileContents,
  readKeyFile,
  type SelectionOptions,
  utf8,
} from '@certgrant/core';
import { readInputFile } from '@certgrant/core/node';
import { type ChoiceJson, type ChosenPair, choiceJson, choosePair } from './certificate-choice.ts';
import { readSource } from './input.ts';
import type { Io } from './io.ts';
import { nameSays } from './key-file-search.ts';
import { withGivenPassword } from './options/credential.ts';
import { passwordFileOf } from './options/new-password.ts';
import { exists } from './output/files.ts';

/** How a file stands, from best to worst. */
export type RenewalStatus = 'fine' | 'due' | 'expired' | 'unusable';

/** Why a file is not a usable credential. */
export interface RenewalProblem {
  /** An error code of certgrant, or that of a certificate's problem. */
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

/** What came out for one file. */
export interface Finding {
  readonly file: string;
  readonly status: RenewalStatus;
  readonly certificate: Certificate | undefined;
  /** `locked`: there is one, encrypted, and the certificate was readable without it. */
  readonly key: 'present' | 'locked' | 'absent' | undefined;
  readonly chosen: ChoiceJson | undefined;
  readonly problem: RenewalProblem | undefined;
}

/** A file in a folder that is none of those which were meant. */
export interface Skipped {
  readonly file: string;
  readonly skipped: string;
}

/** What to check against. */
export interface RenewalRules {
  /** In milliseconds since 1970. */
  readonly now: number;
  /** In milliseconds. */
  readonly within: number;
  readonly requireKey: boolean;
  readonly selection: SelectionOptions;
  readonly password: string | undefined;
  readonly allowCostly: boolean;
}

/**
 * Looks at one file.
 *
 * @param isFound whether it was only found in a folder, where other files are no mistake
 */
export async function examine(file: string, isFound: boolean, rules: RenewalRules, io: Io): Promise<Finding | Skipped> {
  try {
    const bytes = await readSource(file, 'FILE', io);
    if (isFound && isLockedKeyAlone(bytes)) return { file, skipped: 'a private key alone' };
    const opened = await open(file, bytes, rules, io);
    const pair = await choosePair(opened.contents, rules.selection);
    return judge(file, isFound, pair, opened, rules);
  } catch (thrown) {
    if (!isCertgrantError(thrown) || thrown.code === 'USAGE' || thrown.code === 'CANCELLED') throw thrown;
    const reason = isFound ? otherFile(file, thrown.code) : undefined;
    return reason === undefined ? unusable(file, thrown) : { file, skipped: reason };
  }
}

/** What a folder is full of besides; a damaged file with the name of a key file is a finding. */
function otherFile(file: string, code: string): string | undefined {
  switch (code) {
    case 'FILE_TOO_LARGE':
      return 'no key file';
    // A request, a public key or an SSH key is a PEM file as well.
    case 'FORMAT_UNSUPPORTED':
      return nameSays(file) === 'certificate' ? undefined : 'no key file';
    case 'FORMAT_UNKNOWN':
    case 'FORMAT_MALFORMED':
    case 'FILE_EMPTY':
      return nameSays(file) === undefined ? 'no key file' : undefined;
    default:
      return undefined;
  }
}

interface Opened {
  readonly contents: KeyFileContents;
  /** Whether a private key was left encrypted. */
  readonly isLocked: boolean;
}

/** With the password that is given, or without one where the certificates are not encrypted, or with the one beside it. */
async function open(file: string, bytes: Uint8Array, rules: RenewalRules, io: Io): Promise<Opened> {
  const { password, allowCostly, requireKey } = rules;
  try {
    return { contents: await readKeyFile(bytes, { password, allowCostly }), isLocked: false };
  } catch (thrown) {
    if (!isCertgrantError(thrown) || thrown.code !== 'PASSWORD_REQUIRED') throw thrown;
  }
  const clear = requireKey ? undefined : certificateText(bytes);
  if (clear !== undefined) return { contents: await readKeyFile(utf8(clear)), isLocked: true };
  const beside = await passwordBeside(file, io);
  const contents = await withGivenPassword(beside, file, io, (tried) =>
    readKeyFile(bytes, { password: tried, allowCostly }),
  );
  return { contents, isLocked: false };
}

const certificateBlocks =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]+-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;

/** The certificates of a PEM file whose key is encrypted: their dates are no secret. */
function certificateText(bytes: Uint8Array): string | undefined {
  return new TextDecoder().decode(bytes).match(certificateBlocks)?.join('\n');
}

function isLockedKeyAlone(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes);
  const isLocked = /-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: ?4,ENCRYPTED/.test(text);
  return isLocked && !text.includes('CERTIFICATE-----') && !text.includes('PKCS');
}

/** `cert create` writes the password that it makes for a PFX into a file beside it. */
async function passwordBeside(file: string, io: Io): Promise<string | undefined> {
  if (file === '-' || file.startsWith('env:')) return undefined;
  const path = passwordFileOf(resolve(io.cwd, file));
  if (!exists(path)) return undefined;
  return new TextDecoder().decode(await readInputFile(path)).replace(/\r?\n$/, '');
}

function judge(
  file: string,
  isFound: boolean,
  pair: ChosenPair,
  { contents, isLocked }: Opened,
  { now, within, requireKey }: RenewalRules,
): Finding | Skipped {
  const certificate = pair.certificate?.certificate;
  if (certificate === undefined) return withoutCertificate(file, isFound);
  if (requireKey && pair.key === undefined && isFound) return { file, skipped: 'a certificate without its key' };
  const key = isLocked ? 'locked' : pair.key === undefined ? 'absent' : 'present';
  const finding = { file, certificate, key, chosen: choiceJson(pair, contents), problem: undefined } as const;
  const faults = certificateProblems(certificate, { at: now, keyMatches: pair.keyMatches });
  const fault = faults.find(
    ({ code }) => code === 'key-mismatch' || code === 'not-yet-valid' || (requireKey && code === 'no-private-key'),
  );
  if (fault !== undefined) return { ...finding, status: 'unusable', problem: fault };
  const left = certificate.notAfter.getTime() - now;
  return { ...finding, status: left < 0 ? 'expired' : left <= within ? 'due' : 'fine' };
}

function withoutCertificate(file: string, isFound: boolean): Finding | Skipped {
  if (isFound) return { file, skipped: 'a private key alone' };
  return unusable(file, {
    code: 'CERTIFICATE_MISSING',
    message: 'there is a private key and no certificate',
    fix: 'Give the file with the certificate; a private key alone does not expire',
  });
}

export function unusable(file: string, { code, message, fix }: RenewalProblem): Finding {
  return {
    file,
    status: 'unusable',
    certificate: undefined,
    key: undefined,
    chosen: undefined,
    problem: { code, message, fix },
  };
}
