import { defineConfig } from 'vitest/config';
import { testSuites } from './scripts/lib/test-suites.mjs';

// Tests read the packages' sources, not their builds.
const conditions = ['@certgrant/source', 'node', 'module', 'import', 'default'];

const project = (name: string, include: string) => ({
  extends: true as const,
  test: { name, include: [include], testTimeout: 30_000, hookTimeout: 60_000 },
});

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    maxWorkers: 2,
    projects: [
      project('unit', 'packages/*/test/**/*.test.ts'),
      ...testSuites().map((suite) => project(suite, `test/${suite}/**/*.test.ts`)),
    ],
  },
});
