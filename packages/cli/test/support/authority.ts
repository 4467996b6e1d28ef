import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Authority, type AuthorityOptions, startAuthority } from '@certgrant/authority';
import { afterAll, beforeAll } from 'vitest';

/** A real authority for the tests of a file, with what its clients need as files. */
export interface TestAuthority {
  readonly running: Authority;
  readonly caFile: string;
  readonly adminTokenFile: string;
}

export function testAuthority(options: AuthorityOptions = {}): TestAuthority {
  let running: Authority | undefined;
  beforeAll(async () => {
    running = await startAuthority({ ...options, files: true });
  });
  afterAll(() => running?.close());
  const get = (): Authority => {
    if (running === undefined) throw new Error('the authority does not run yet');
    return running;
  };
  return {
    get running() {
      return get();
    },
    get caFile() {
      return get().caFile ?? '';
    },
    get adminTokenFile() {
      return get().adminTokenFile ?? '';
    },
  };
}

/** Writes a text into a file of the folder. */
export function writeText(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
