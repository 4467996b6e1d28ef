import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isCertgrantError, readKeyFile } from '@certgrant/core';
import { describe, expect, it } from 'vitest';
import { found } from './support/workshop.ts';

/**
 * Key files that others published, with a `manifest.json` that says what is in each: too many and too foreign to stand in
 * this repository. CERTGRANT_CORPUS names the folder.
 */
const folder = process.env.CERTGRANT_CORPUS;

interface Entry {
  readonly file: string;
  readonly class: 'must' | 'should' | 'exotic' | 'reject';
  /** `null`: none is given. */
  readonly password: string | null;
  /** SHA-256 of each SubjectPublicKeyInfo and of each certificate. */
  readonly keyFp: readonly string[];
  readonly certFp: readonly string[];
}

function isManifest(value: unknown): value is readonly Entry[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'object' && entry !== null && 'file' in entry);
}

function manifest(): readonly Entry[] {
  if (folder === undefined) return [];
  const parsed: unknown = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  if (!isManifest(parsed)) throw new Error('manifest.json is not a list of files');
  return parsed;
}

const upper = (prints: readonly string[]): string[] => prints.map((print) => print.toUpperCase()).toSorted();

it('a corpus is a list of files', () => {
  expect(isManifest([{ file: 'a.pfx' }])).toBe(true);
  expect(isManifest({ files: [] })).toBe(false);
});

// Defined only where a corpus is asked for: a test that is skipped whenever nobody asks would tell nobody anything.
if (folder !== undefined) {
  describe('readKeyFile reads as the manifest says', () => {
    it.each(manifest())('$class $file', async (entry) => {
      const file = readFileSync(join(folder ?? '', entry.file));
      const reading = readKeyFile(file, { password: entry.password ?? undefined });
      if (entry.class === 'reject') {
        await expect(reading).rejects.toSatisfy(isCertgrantError);
        return;
      }
      try {
        const { keys, certificates } = found(await reading);
        expect({ keys: upper(keys), certificates: upper(certificates) }).toEqual({
          keys: upper(entry.keyFp),
          certificates: upper(entry.certFp),
        });
      } catch (thrown) {
        // What is exotic may be refused, in words.
        if (entry.class !== 'exotic' || !isCertgrantError(thrown)) throw thrown;
      }
    });
  });
}
