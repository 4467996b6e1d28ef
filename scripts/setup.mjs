/** `npm run setup`: everything that the demo needs; with `--tests`, also what the tests need. */
import { requireNode } from './lib/node-version.mjs';

requireNode();
const { SetupError, setUp, setUpForTests } = await import('./lib/setup-steps.mjs');

try {
  await (process.argv.includes('--tests') ? setUpForTests : setUp)((line) => console.log(`setup: ${line}`));
  console.log('setup: ready');
} catch (thrown) {
  if (!(thrown instanceof SetupError)) throw thrown;
  if (thrown.output) console.error(thrown.output.trimEnd());
  console.error(`error: ${thrown.message}\nhint: ${thrown.fix}`);
  process.exitCode = 1;
}
