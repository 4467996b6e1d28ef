import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchAssertion, benchManyAssertions } from './assertion.ts';
import { benchAuthorityMemory } from './authority-memory.ts';
import { benchAuthorityScale } from './authority-scale.ts';
import { benchAuthorityStart } from './authority-start.ts';
import { benchBrowserBundle } from './browser-bundle.ts';
import { benchKeyFiles } from './key-file.ts';
import { createMaterial, type Material } from './material.ts';
import { benchProcessStart } from './process-start.ts';
import { type Finding, findingText, goalsText, isReached } from './report.ts';
import { benchTokenCache } from './token-cache.ts';
import { benchTokenEndpoint } from './token-endpoint.ts';

const benches: Record<string, (material: Material) => Promise<Finding | readonly Finding[]>> = {
  assertion: benchAssertion,
  'many-assertions': benchManyAssertions,
  'key-file': benchKeyFiles,
  'browser-bundle': benchBrowserBundle,
  'token-cache': benchTokenCache,
  'process-start': benchProcessStart,
  'token-endpoint': benchTokenEndpoint,
  'authority-scale': benchAuthorityScale,
  'authority-start': benchAuthorityStart,
  'authority-memory': benchAuthorityMemory,
};

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
});
const chosen = values.only ?? Object.keys(benches);
const unknown = chosen.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`bench: there is no ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}

const machine = `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? process.arch}`;
// With --json stdout belongs to the document; people still see the tables.
const say = values.json ? console.error : console.log;
say(`${machine}\n`);

const material = await createMaterial();
const findings: Finding[] = [];
for (const name of chosen) {
  for (const finding of [(await benches[name]?.(material)) ?? []].flat()) {
    findings.push(finding);
    say(findingText(finding));
  }
}
say(goalsText(findings));

if (values.json) {
  const withVerdict = findings.map((finding) => ({
    ...finding,
    goals: finding.goals.map((goal) => ({ ...goal, reached: isReached(goal) })),
  }));
  console.log(JSON.stringify({ machine, findings: withVerdict }, null, 2));
}
