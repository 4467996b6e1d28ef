import { join, resolve } from 'node:path';
import type { Io } from '../io.ts';
import { isFolder } from '../output/files.ts';
import { usageError } from '../usage.ts';

const keyTypes = ['RSA-2048', 'RSA-3072', 'RSA-4096', 'P-256', 'P-384'] as const;

/** What a new certificate or a request for one says. */
export const subjectOptions = {
  subject: { type: 'string', value: 'NAME', help: 'The subject, for example CN=my-daemon,O=Contoso' },
  'key-type': {
    type: 'string',
    choices: keyTypes,
    value: 'TYPE',
    help: 'The kind of key: RSA-2048 (default), RSA-3072, RSA-4096, P-256 or P-384; Entra ID takes the RSA ones only',
  },
  san: {
    type: 'string',
    value: 'NAME',
    multiple: true,
    help: 'A subject alternative name: dns:HOST, uri:URI, email:ADDRESS or ip:ADDRESS',
  },
} as const;

/** The subject as a distinguished name; a bare word is a common name. */
export function subjectFrom(subject: string | undefined): string {
  if (subject === undefined) {
    throw usageError('subject: none is given', 'Give --subject CN=my-daemon, with a name of your choice');
  }
  return subject.includes('=') ? subject : `CN=${subject}`;
}

/** For how long a new certificate is valid. */
export function daysFrom(text: string): number {
  const days = Number(text);
  if (/^\d{1,5}$/.test(text) && days >= 1 && days <= 36_500) return days;
  throw usageError('--days: this is not a number of days between 1 and 36500', 'Write --days 365');
}

/**
 * Where files that belong together go: the path that `--out` gives without an extension, or in the folder that it names the
 * name of the subject.
 */
export function basePath(out: string | undefined, subject: string, io: Io): string {
  const path = resolve(io.cwd, out ?? '.');
  const namesFolder = out === undefined || /[\\/]$/.test(out) || isFolder(path);
  return namesFolder ? join(path, fileNameFor(subject)) : path;
}

/** The common name, or the whole subject where there is none, as a file name that every system takes. */
function fileNameFor(subject: string): string {
  const name = /(?:^|,)\s*CN\s*=\s*((?:[^,\\]|\\.)+)/i.exec(subject)?.[1] ?? subject;
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|[-.]+$/g, '');
  return safe === '' ? 'certificate' : safe.slice(0, 100);
}
