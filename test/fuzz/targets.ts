import {
  certificateProblems,
  isCertgrantError,
  loadCredential,
  readCertificate,
  readCertificationRequest,
  readKeyFile,
  readPublicKey,
  selectCredential,
  thumbprints,
} from '@certgrant/core';
import { DerError } from '../../packages/core/src/lib/der/der-error.ts';
import { DerReader } from '../../packages/core/src/lib/der/reader.ts';

/** What is fed with any octets: it returns, or throws what the library promises to throw; anything else is a finding. */
export type Target = (input: Uint8Array<ArrayBuffer>) => Promise<void>;

/** Of every file with encryption among the seeds. */
const password = 'Passw0rd!';

/** A promise to throw nothing but errors with a code, which say something. */
async function promised(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (!isCertgrantError(thrown)) throw thrown;
    const text = `${thrown.message} | ${thrown.fix}`;
    if (/undefined|NaN|\[object|Infinity/.test(text)) throw new Error(`an error that says nothing: ${text}`);
    // A control character in a message would reach a terminal.
    if ([...text].some((character) => character < ' ' || character === '\u007f')) {
      throw new Error(`an error with a control character: ${JSON.stringify(text)}`);
    }
  }
}

async function readWhole(input: Uint8Array<ArrayBuffer>): Promise<void> {
  const before = input.slice();
  await promised(async () => {
    const contents = await readKeyFile(input, { password });
    for (const { certificate } of contents.certificates) {
      await thumbprints(certificate);
      certificateProblems(certificate, { at: 1_800_000_000_000, keyMatches: null });
    }
    const { key } = await selectCredential(contents);
    if (key.pkcs8.length === 0) throw new Error('a private key of no octets');
    await loadCredential(input, { password });
  });
  if (!before.every((octet, index) => input[index] === octet)) throw new Error('the input was changed');
}

const readers = {
  1: 'boolean',
  2: 'smallInteger',
  3: 'bitString',
  4: 'octetString',
  5: 'null',
  6: 'oid',
  16: 'sequence',
  17: 'set',
} as const;
const isTagNumber = (number: number): number is keyof typeof readers => number in readers;

function walk(reader: DerReader): void {
  while (!reader.atEnd) {
    const element = reader.element();
    if (element.contents.length > element.raw.length) throw new Error('contents longer than the element');
    const number = element.tag & 0x1f;
    if (isTagNumber(number)) {
      try {
        new DerReader(element.raw)[readers[number]]();
      } catch (thrown) {
        if (!(thrown instanceof DerError)) throw thrown;
      }
    }
    if ((element.tag & 0x20) !== 0) walk(reader.inside(element));
  }
}

async function readStructures(input: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    walk(new DerReader(input));
  } catch (thrown) {
    if (!(thrown instanceof DerError)) throw thrown;
  }
  await promised(async () => {
    const certificate = readCertificate(input);
    certificateProblems(certificate, { at: 1_800_000_000_000, keyMatches: true });
    await thumbprints(certificate);
  });
  await promised(() => readPublicKey(input));
  await promised(() => readCertificationRequest(input));
  await promised(() => readKeyFile(input));
}

export const targets: Readonly<Record<string, Target>> = { pfx: readWhole, pem: readWhole, der: readStructures };
