import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { derShape } from '../../packages/core/src/keyfile/der-shape.ts';

/** Longer inputs are slower and find nothing that shorter ones do not. */
export const longestInput = 12 * 1024;

/** Every file below `folder` that fits the target. */
export function seedsBelow(folder: string, target: string): Uint8Array[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
    .filter((seed) => seed.length <= longestInput && kindOf(seed) === target);
}

function kindOf(seed: Uint8Array): string {
  if (seed[0] !== 0x30) return 'pem';
  return derShape(seed) === 'pfx' ? 'pfx' : 'der';
}

/** Inputs that outlive a run: those that reached something new, and those that must be looked into. */
export class Folder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    mkdirSync(path, { recursive: true });
  }

  read(): Uint8Array[] {
    return readdirSync(this.#path)
      .filter((name) => !name.endsWith('.txt'))
      .map((name) => readFileSync(join(this.#path, name)));
  }

  /** @returns the file's path, or `undefined` when it is there already */
  add(prefix: string, input: Uint8Array, note?: string): string | undefined {
    const path = join(this.#path, prefix + createHash('sha256').update(input).digest('hex').slice(0, 16));
    if (existsSync(path)) return undefined;
    writeFileSync(path, input);
    if (note !== undefined) writeFileSync(`${path}.txt`, note);
    return path;
  }
}
