import { rmSync } from 'node:fs';
import { loadCredential, type Platform, thumbprints } from '@certgrant/core';
import { readInputFile, writeFileAtomically } from '@certgrant/core/node';
import { exists } from '../output/files.ts';
import { formatOf, type KeyFileFormat, materialOf, openAs, renderAs } from './key-material.ts';
import { generateNext, type NextSource, requestNext, requireSelfSigned } from './next-key.ts';
import type { RotationPaths } from './state.ts';
import { conflict } from './steps/conflict.ts';
import type { HeldKey, RotationFiles } from './world.ts';

/** What the files of a rotation are handled with. */
export interface FileOptions {
  readonly paths: RotationPaths;
  readonly format: KeyFileFormat;
  readonly source: NextSource;
  readonly platform: Partial<Platform> | undefined;
}

/** The key files on the disk. */
export function rotationFiles({ paths, format, source, platform }: FileOptions): RotationFiles {
  const { current, next, previous } = paths;
  const secret = { mode: 0o600, overwrite: true } as const;
  const held = async (path: string): Promise<HeldKey> => {
    const bytes = await readInputFile(path);
    const { password, allowCostly } = format;
    const credential = await loadCredential(bytes, { password, allowCostly });
    return { credential, thumbprint: (await thumbprints(credential.certificate)).sha1 };
  };
  const write = async (material: Parameters<typeof renderAs>[1]): Promise<undefined> => {
    const bytes = await renderAs(format, material, platform);
    await writeFileAtomically(next, bytes, { mode: 0o600, overwrite: false });
  };
  return {
    current: () => held(current),
    next: async () => {
      if (!exists(next)) return undefined;
      await requireForm(next, format);
      return held(next);
    },
    previous: async () => (exists(previous) ? held(previous) : undefined),
    async makeNext() {
      if (source.kind === 'given') return write(await source.read());
      const { certificate } = (await held(current)).credential;
      if (source.kind === 'request') {
        const keyFile = keyFileOf(next);
        const { password } = format;
        return requestNext(certificate, { ...source, keyFile, next, password, platform });
      }
      requireSelfSigned(certificate, source.profile);
      return write(await generateNext(certificate, source.profile, platform));
    },
    async switch() {
      await writeFileAtomically(previous, await readInputFile(current), secret);
      await writeFileAtomically(current, await readInputFile(next), { ...secret, keepAccess: true });
    },
    async restore() {
      await writeFileAtomically(current, await readInputFile(previous), { ...secret, keepAccess: true });
    },
    async discardNext() {
      // The next file last: as long as it is there, this is known not to be done.
      rmSync(keyFileOf(next), { force: true });
      rmSync(next, { force: true });
    },
  };
}

/** The private key of a request, until its certificate has come. */
function keyFileOf(next: string): string {
  return `${next}.key`;
}

/** What takes the place of the current file has to be what the daemon can read. */
async function requireForm(path: string, format: KeyFileFormat): Promise<void> {
  const contents = await openAs(await readInputFile(path), format);
  await materialOf(contents, path);
  const { form } = formatOf(contents, format);
  if (form === format.form) return;
  throw conflict(
    `${path} is a ${form} file, and the current one is ${format.form}`,
    `Make it anew in that form: certgrant cert join or cert convert with --to ${format.form}`,
  );
}
