/** `npm run setup`: everything that the demo needs; with `--tests`, also what the tests need. */
import { requireNode } from './lib/node-version.mjs';

requireNode();
const { setUp, setUpForTests, succeeds } = await import('./lib/setup-steps.mjs');

const steps = process.argv.includes('--tests') ? setUpForTests : setUp;
if (await succeeds(steps, (line) => console.log(`setup: ${line}`))) console.log('setup: ready');
