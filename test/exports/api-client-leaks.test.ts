import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiClient, bruno, httpYac, newman, postmanCli, requireClient } from './support/api-clients.ts';
import { type ApiWorkshop, exportFolder, openApiWorkshop } from './support/api-workshop.ts';

/**
 * What the clients write down of a run. The private key is with the export, so this is the worst case. What is `clean` here is
 * what docs/guides/postman.md tells people to use; of the others it names what is in them.
 */

let workshop: ApiWorkshop;

beforeAll(async () => {
  workshop = await openApiWorkshop();
});
afterAll(() => workshop?.close());

type Content = 'clean' | 'token' | 'key' | 'key and token';

interface Case {
  readonly client: ApiClient;
  readonly format: 'postman' | 'bruno' | 'http';
  readonly what: string;
  readonly args: readonly string[];
  /** What is in each file that it writes, and in what it prints. */
  readonly reports: Readonly<Record<string, Content>>;
}

const omitted = ['omitRequestBodies', 'omitResponseBodies', 'omitHeaders'];
const postmanReports = [
  '-r',
  'cli,json,junit,html',
  ...['json', 'junit', 'html'].flatMap((kind) => [`--reporter-${kind}-export`, `run.${kind}`]),
];
const brunoReports = ['json', 'junit', 'html'].flatMap((kind) => [`--reporter-${kind}`, `run.${kind}`]);

const cases: readonly Case[] = [
  {
    client: newman,
    format: 'postman',
    what: 'cli and junit',
    args: ['-r', 'cli,junit', '--reporter-junit-export', 'run.junit'],
    reports: { output: 'clean', 'run.junit': 'clean' },
  },
  {
    client: newman,
    format: 'postman',
    what: 'json and what --export- writes',
    args: [
      ...['-r', 'json', '--reporter-json-export', 'run.json', '--export-environment', 'environment.json'],
      ...['--export-globals', 'globals.json', '--export-collection', 'collection.json'],
    ],
    reports: {
      output: 'clean',
      'run.json': 'key and token',
      'environment.json': 'key',
      'globals.json': 'clean',
      'collection.json': 'clean',
    },
  },
  {
    client: postmanCli,
    format: 'postman',
    what: 'cli, json, junit and html',
    args: postmanReports,
    reports: { output: 'clean', 'run.json': 'token', 'run.junit': 'clean', 'run.html': 'token' },
  },
  {
    client: postmanCli,
    format: 'postman',
    what: 'the same without bodies and headers',
    args: [
      ...postmanReports,
      ...['json', 'html'].flatMap((kind) => omitted.map((part) => `--reporter-${kind}-${part}`)),
    ],
    reports: { output: 'clean', 'run.json': 'clean', 'run.junit': 'clean', 'run.html': 'clean' },
  },
  {
    client: bruno,
    format: 'bruno',
    what: 'json, junit and html',
    args: brunoReports,
    reports: { output: 'clean', 'run.json': 'token', 'run.junit': 'clean', 'run.html': 'token' },
  },
  {
    client: bruno,
    format: 'bruno',
    what: 'the same without bodies and headers',
    args: [...brunoReports, '--reporter-skip-body', '--reporter-skip-all-headers'],
    reports: { output: 'clean', 'run.json': 'clean', 'run.junit': 'clean', 'run.html': 'clean' },
  },
  {
    client: httpYac,
    format: 'http',
    what: 'what it prints with -o none',
    args: ['sign-in.http', '--all', '-o', 'none'],
    reports: { output: 'clean' },
  },
];

describe('the reports of a run', () => {
  test.for(cases)('$client.name, $what', async ({ client, format, args, reports }, { skip }) => {
    requireClient(client, skip);
    const folder = await exportFolder(format, { withKey: format !== 'http' }, workshop);
    const home = join(workshop.folder, 'home');
    const ended = await client.run(folder, { caFile: workshop.caFile, home, part: 'With the private key', args });
    expect(ended.code).toBe(0);
    const found = Object.keys(reports).map((name) => {
      if (name === 'output') return [name, contentOf(ended.stdout + ended.stderr)];
      return [
        name,
        existsSync(join(folder, name)) ? contentOf(readFileSync(join(folder, name), 'utf8')) : 'not written',
      ];
    });
    expect(Object.fromEntries(found)).toEqual(reports);
  });
});

/** Looks through what encodings of reports hide: escapes of JSON, and bodies as lists of octets or base64. */
function contentOf(report: string): Content {
  const octets = [...report.matchAll(/\[(\s*\d{1,3}\s*,){20,}\s*\d{1,3}\s*\]/g)].map(([bytes]) =>
    Buffer.from(JSON.parse(bytes)).toString(),
  );
  const base64 = [...report.matchAll(/[A-Za-z0-9+/]{200,}={0,2}/g)].map(([text]) =>
    Buffer.from(text, 'base64').toString('latin1'),
  );
  const texts = [report, ...octets, ...base64];
  const line = workshop.identities[2048].keyPem.split('\n')[5] ?? '';
  const hasKey = texts.some((text) => text.includes(line));
  const hasToken = texts.some((text) => /eyJ[\w-]{10,}\.eyJ[\w-]{20,}\.[\w-]{40,}/.test(text));
  if (hasKey) return hasToken ? 'key and token' : 'key';
  return hasToken ? 'token' : 'clean';
}
