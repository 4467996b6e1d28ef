/**
 * `npm run check`: the inner loop of development. Format, lint, types, and the unit tests that reach what has changed
 * since the last commit; `npm run check -- --all` runs every unit test.
 */
import { requireNode } from './lib/node-version.mjs';

requireNode();
const { installDependencies, SetupError } = await import('./lib/setup-steps.mjs');
const { staticChecks, vitestProject } = await import('./lib/checks.mjs');
const { fail, perform, summarize } = await import('./lib/report.mjs');

const changed = process.argv.includes('--all') ? [] : ['--changed', '--passWithNoTests'];

try {
  await installDependencies((line) => console.log(`setup: ${line}`));
  await Promise.all(staticChecks.map(perform));
  await perform(vitestProject('unit', ...changed));
} catch (thrown) {
  if (thrown instanceof SetupError) fail('setup', `${thrown.output}\nerror: ${thrown.message}\nhint: ${thrown.fix}`);
  else fail('the checks themselves', thrown.stack);
}
summarize();
