import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { read, root } from './sources.ts';

/** What the linter says about a source that would stand at `path`. */
function lint(path: string, source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'certgrant-lint-'));
  try {
    const settings = JSON.parse(read('biome.json')) as object;
    writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...settings, $schema: undefined, vcs: undefined }));
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), source);
    const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
    const args = [biome, 'lint', '--colors=off', path];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    return stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const use = (module: string): string => `import { x } from '${module}';\nexport const y: unknown = x;\n`;

it.each([
  ['packages/core/src/token/x.ts', '@certgrant/authority', 'noRestrictedImports'],
  ['packages/core/src/node/x.ts', '@certgrant/authority', 'noRestrictedImports'],
  ['packages/core/src/token/x.ts', '../node/x.ts', 'noRestrictedImports'],
  ['packages/core/src/token/x.ts', 'node:fs', 'noNodejsModules'],
  ['packages/authority/src/x.ts', 'certgrant', 'noRestrictedImports'],
  ['packages/cli/src/x.ts', '../../core/src/errors.ts', 'noRestrictedImports'],
  ['packages/authority/src/x.ts', '../../core/src/errors.ts', 'noRestrictedImports'],
])('the linter refuses that %s imports %s', (path, module, rule) => {
  expect(lint(path, use(module))).toContain(rule);
});

it.each([
  ['packages/core/src/node/x.ts', 'node:fs'],
  ['packages/authority/src/x.ts', '@certgrant/core'],
  ['packages/cli/src/x.ts', '@certgrant/authority'],
])('the linter accepts that %s imports %s', (path, module) => {
  expect(lint(path, use(module))).not.toMatch(/noRestrictedImports|noNodejsModules/);
});
