const sums = { passed: 0, failed: 0, skipped: [] };

/**
 * Runs one check and tells of it: a line with its time when it passes, with all its output when it fails.
 *
 * @param {{ name: string, run: () => Promise<import('./checks.mjs').Outcome> }} check
 */
export async function perform({ name, run }) {
  const started = performance.now();
  const { passed, failed, skipped, output } = await run();
  const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
  sums.passed += passed;
  sums.failed += failed;
  sums.skipped.push(...skipped.map((reason) => `${name}: ${reason}`));
  const counts = passed + failed > 1 ? `${passed} passed, ${failed} failed, ` : '';
  console.log(`${failed === 0 ? 'ok    ' : 'FAILED'}  ${name} (${counts}${seconds})`);
  if (failed > 0) console.log(`${indented(output)}\n`);
}

/** Counts something as failed that no check could tell. */
export function fail(name, output) {
  sums.failed += 1;
  console.log(`FAILED  ${name}\n${indented(output)}\n`);
}

/** Says why each skipped check was skipped, then the sums on a line of their own, and sets the exit code. */
export function summarize() {
  for (const reason of sums.skipped) console.log(`skipped  ${reason}`);
  const skips = sums.skipped.length === 0 ? '' : `, ${sums.skipped.length} skipped`;
  console.log(`${sums.passed} passed, ${sums.failed} failed${skips}`);
  process.exitCode = sums.failed === 0 ? 0 : 1;
}

// Indented, so that no line of a tool's output can be taken for the sums.
function indented(output) {
  return output.trimEnd().replace(/^/gm, '    ');
}
