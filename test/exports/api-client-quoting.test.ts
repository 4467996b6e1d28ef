import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadCredential, thumbprints, tokenEndpoint } from '@certgrant/core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ExportFormat, ExportSettings } from '../../packages/cli/src/export/format.ts';
import { format as brunoFormat } from '../../packages/cli/src/export/formats/bruno.ts';
import { format as httpFormat } from '../../packages/cli/src/export/formats/http.ts';
import { format as postmanFormat } from '../../packages/cli/src/export/formats/postman.ts';
import { type ApiClient, bruno, httpYac, newman, postmanCli, requireClient } from './support/api-clients.ts';
import { type ApiWorkshop, openApiWorkshop, takeRequests } from './support/api-workshop.ts';

/**
 * What has a meaning in some language or tool, in one scope, since each client takes seconds to start. The command line takes
 * no scope with blanks, so the formats are called here as it calls them.
 */
const oddScope = [
  'blanks and quotes: a b  c "d" \'e\' `f`',
  'backslashes, percent and plus signs: a\\b\\n %41%20+%2B%',
  `dollars and what shells do with them: $HOME $(id) \${x} !!`,
  'placeholders that have a value: {{client_id}} {{clientId}} {{$guid}}; that have none: {{nothing}} {{ 1 + 1 }}',
  'umlauts, other scripts and symbols: Zürich Ελλάδα 日本 🔑 \u2028',
  'line breaks and what separates fields: a\nb\r\nc\td&scope=x;y#z=?',
  "what ends a script or a block: </script> }}\n}\n'''\n*/ -->",
].join(' | ');

let workshop: ApiWorkshop;
let settings: ExportSettings;

beforeAll(async () => {
  workshop = await openApiWorkshop();
  const { authority, clientId, identities } = workshop;
  const { certificate } = await loadCredential(readFileSync(identities[2048].file));
  settings = {
    tenant: authority.tenantId,
    clientId,
    scope: '',
    authority: authority.url,
    tokenEndpoint: tokenEndpoint(authority.url, authority.tenantId),
    apiUrl: `${authority.graphUrl}/v1.0/users`,
    alg: 'PS256',
    lifetime: 600,
    certificate: {
      certificate,
      thumbprints: await thumbprints(certificate),
      pem: identities[2048].certificatePem,
      fileFormat: 'pem',
    },
    files: { cert: identities[2048].file, key: undefined },
    privateKeyPem: identities[2048].keyPem,
  };
});
afterAll(() => workshop?.close());
beforeEach(() => takeRequests(workshop.authority));

let written = 0;

async function write(format: ExportFormat, changed: Partial<ExportSettings>): Promise<string> {
  written += 1;
  const folder = join(workshop.folder, `odd ${written}`);
  for (const { path, contents, mode } of await format.render({ ...settings, ...changed })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contents, { mode });
  }
  return folder;
}

const clients: readonly { readonly client: ApiClient; readonly format: ExportFormat }[] = [
  { client: newman, format: postmanFormat },
  { client: postmanCli, format: postmanFormat },
  { client: bruno, format: brunoFormat },
  { client: httpYac, format: httpFormat },
];

test.for(clients)(
  'a scope with everything that is odd arrives byte for byte from $client.name',
  async (row, { skip }) => {
    const { client, format } = row;
    requireClient(client, skip);
    const folder = await write(format, { scope: oddScope });
    const home = join(workshop.folder, 'home');
    await client.run(folder, { caFile: workshop.caFile, home, part: 'With the private key' });
    const [request] = await takeRequests(workshop.authority);
    expect(request?.form?.scope).toBe(oddScope);
    expect(request?.assertion?.header).toMatchObject({ alg: 'PS256' });
  },
);

test('the .http file opens a key file whose path has all of that in it', async () => {
  const name = `k e'y "$HOME" \`id\` \\n {{clientId}} %20+ ü\n\${x}.pem`;
  const cert = join(workshop.folder, name);
  copyFileSync(workshop.identities[2048].file, cert);
  const folder = await write(httpFormat, {
    scope: 'https://graph.microsoft.com/.default',
    files: { cert, key: undefined },
  });
  expect(await httpYac.run(folder, { caFile: workshop.caFile, home: join(workshop.folder, 'home') })).toMatchObject({
    code: 0,
  });
});
