import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, root } from './files.mjs';

/** The folders of test/ that hold tests: each is a suite over the whole product and a Vitest project of that name. */
export function testSuites() {
  const folder = join(root, 'test');
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['node_modules', 'dist'].includes(entry.name))
    .map(({ name }) => name)
    .filter((name) => filesBelow(join(folder, name)).some((file) => file.endsWith('.test.ts')));
}
