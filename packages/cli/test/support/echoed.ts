import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How a language writes a list of texts to standard output, each with a NUL behind it. */
export interface Echo {
  readonly file: string;
  readonly source: (literals: readonly string[]) => string;
  /** The commands that build and run the file; the last one's output counts. */
  readonly commands: readonly (readonly [string, ...string[]])[];
}

/** Has the language's own tool read the literals; the texts as it understood them. */
export function echoed(literals: readonly string[], { file, source, commands }: Echo): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'certgrant-quoting-'));
  try {
    writeFileSync(join(folder, file), source(literals));
    let output = '';
    for (const [command, ...args] of commands) output = execFileSync(command, args, { cwd: folder, encoding: 'utf8' });
    return output.split('\0').slice(0, -1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a program is there, found by having it do next to nothing. */
export function isInstalled(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
