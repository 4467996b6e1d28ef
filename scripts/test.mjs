/**
 * `npm test`: sets up what is missing, then runs everything that checks this repository.
 *
 * The last line is the sum over all checks: `N passed, N failed`, and `, N skipped` when a part could not run here.
 */
import { requireNode } from './lib/node-version.mjs';

requireNode();
const { SetupError, setUpForTests } = await import('./lib/setup-steps.mjs');
const { staticChecks, unusedCode, vitestProject } = await import('./lib/checks.mjs');
const { fail, perform, summarize } = await import('./lib/report.mjs');
const { testSuites } = await import('./lib/test-suites.mjs');

try {
  await setUpForTests((line) => console.log(`setup: ${line}`));
  for (const check of staticChecks) await perform(check);
  await perform(unusedCode);
  for (const project of ['unit', ...testSuites()]) await perform(vitestProject(project));
} catch (thrown) {
  if (thrown instanceof SetupError) fail('setup', `${thrown.output}\nerror: ${thrown.message}\nhint: ${thrown.fix}`);
  else fail('the test run itself', thrown.stack);
}
summarize();
