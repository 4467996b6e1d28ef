import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJson, root } from './files.mjs';
import { runTool } from './process.mjs';

/**
 * A check that either holds or does not, by the exit code of a tool.
 *
 * @typedef {{ passed: number, failed: number, skipped: string[], output: string }} Outcome
 */

const tool = (script, ...args) => {
  return async () => {
    const { code, output } = await runTool(script, args);
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [], output };
  };
};

const biome = '@biomejs/biome/bin/biome';

/** The checks of the text itself; none of them needs what another one makes. */
export const staticChecks = [
  { name: 'format', run: tool(biome, 'check', '--linter-enabled=false', '--error-on-warnings', '.') },
  { name: 'lint', run: tool(biome, 'lint', '--error-on-warnings', '.') },
  { name: 'types of the sources', run: tool('typescript/bin/tsc', '-b') },
  { name: 'types of the tests', run: tool('typescript/bin/tsc', '-p', 'tsconfig.test.json') },
];

export const unusedCode = { name: 'unused code and dependencies', run: tool('knip/bin/knip.js', '--no-progress') };

/** The tests of one Vitest project, each counted. */
export function vitestProject(project, ...args) {
  return { name: `tests: ${project}`, run: () => runVitest(['--project', project, ...args]) };
}

async function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'certgrant-test-'));
  const outcomeFile = join(folder, 'outcome.json');
  try {
    const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'lib', 'vitest-outcome.mjs')}`];
    const env = { ...process.env, CERTGRANT_TEST_OUTCOME: outcomeFile };
    const { code, output } = await runTool('vitest/vitest.mjs', ['run', ...reporters, ...args], { env });
    const outcome = readJson(outcomeFile) ?? { passed: 0, failed: 0, skipped: [] };
    // A crash between tests fails no test and must count all the same.
    if (code !== 0 && outcome.failed === 0) outcome.failed = 1;
    return { ...outcome, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
