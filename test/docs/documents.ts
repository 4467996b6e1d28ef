import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, root } from '../layout/sources.ts';

/** Every document of the repository, by its path. */
export function documents(): string[] {
  return [
    ...['README.md', 'CONTRIBUTING.md'].filter((path) => existsSync(join(root, path))),
    ...filesBelow('docs').filter((path) => path.endsWith('.md')),
    ...filesBelow('packages').filter((path) => path.endsWith('README.md')),
  ];
}
