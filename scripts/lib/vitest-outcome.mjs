import { writeFileSync } from 'node:fs';

/**
 * A Vitest reporter that writes down how many tests passed and failed, and why each skipped one was skipped.
 *
 * Vitest's own JSON report counts the same tests but leaves out the reasons.
 */
class OutcomeReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const outcome = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state, note } = test.result();
        const why = note ?? (module.ok() ? 'no reason given' : 'what comes before it failed');
        if (state === 'skipped') outcome.skipped.push(`${test.fullName}: ${why}`);
        else outcome[state === 'passed' ? 'passed' : 'failed'] += 1;
      }
      // A file that cannot be loaded, or a hook that fails, is a failure beside those of the tests.
      outcome.failed += module.errors().length;
      for (const suite of module.children.allSuites()) outcome.failed += suite.errors().length;
    }
    writeFileSync(process.env.CERTGRANT_TEST_OUTCOME, JSON.stringify(outcome));
  }
}

export default OutcomeReporter;
