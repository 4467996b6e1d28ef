import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ended } from '../interop/support/program.ts';
import { bruno, httpYac, newman, postmanCli, type Run, requireClient } from './support/api-clients.ts';
import {
  type ApiWorkshop,
  exportFolder,
  openApiWorkshop,
  setPostmanVariables,
  takeRequests,
} from './support/api-workshop.ts';

let workshop: ApiWorkshop;

beforeAll(async () => {
  workshop = await openApiWorkshop();
});
afterAll(() => workshop?.close());
beforeEach(() => takeRequests(workshop.authority));

/** A key that a person may put there by mistake, and how each client's export calls what is wrong with it. */
interface WrongKey {
  readonly what: string;
  readonly pem: () => string;
  readonly postman: RegExp;
  readonly bruno: RegExp;
  readonly httpYac: RegExp;
}

const wrongKeys: readonly WrongKey[] = [
  {
    what: 'cut off',
    pem: () => workshop.identities[2048].keyPem.slice(0, 900),
    postman: /certgrant: private_key_pem: there is no PEM block/,
    bruno: /certgrant: PRIVATE_KEY_PEM is no RSA private key .* or it is damaged/,
    httpYac: /certgrant: there is no private key in PEM/,
  },
  {
    what: 'damaged inside',
    pem: () => damaged(workshop.identities[2048].keyPem),
    postman: /certgrant: private_key_pem: it is damaged/,
    bruno: /certgrant: PRIVATE_KEY_PEM (is no RSA private key|does not belong)/,
    httpYac: /certgrant: (there is no private key in PEM|the private key does not belong)/,
  },
  {
    what: 'encrypted',
    pem: () => workshop.encryptedKeyPem,
    postman: /certgrant: private_key_pem: it is encrypted/,
    bruno: /certgrant: PRIVATE_KEY_PEM is encrypted/,
    httpYac: /certgrant: the private key is encrypted/,
  },
  {
    what: 'an EC key',
    pem: () => workshop.ecKeyPem,
    postman: /certgrant: private_key_pem: it is an EC key/,
    bruno: /certgrant: PRIVATE_KEY_PEM is no RSA private key/,
    httpYac: /certgrant: the private key is no RSA key/,
  },
  {
    what: 'that of another certificate',
    pem: () => workshop.otherKeyPem,
    postman: /certgrant: private_key_pem: it does not belong to the certificate/,
    bruno: /certgrant: PRIVATE_KEY_PEM does not belong to the certificate/,
    httpYac: /certgrant: the private key does not belong to the certificate/,
  },
  {
    what: 'missing',
    pem: () => '',
    postman: /certgrant: private_key_pem is empty/,
    bruno: /certgrant: PRIVATE_KEY_PEM is empty/,
    httpYac: /certgrant: there is no private key in PEM/,
  },
];

/** One bit of the modulus is another. In a prime it would not matter to OpenSSL: it notices and signs without the primes. */
function damaged(pem: string): string {
  const lines = pem.trimEnd().split('\n');
  const der = Buffer.from(lines.slice(1, -1).join(''), 'base64');
  const at = Math.floor(der.length * 0.15);
  der[at] = (der[at] ?? 0) ^ 1;
  return [lines[0], ...(der.toString('base64').match(/.{1,64}/g) ?? []), lines.at(-1), ''].join('\n');
}

function run(extra: Partial<Run> = {}): Run {
  return { caFile: workshop.caFile, home: join(workshop.folder, 'home'), ...extra };
}

/** Whatever ends the run, nothing was sent: no token request, and no call without a token. */
async function expectNothingSent({ stdout, stderr }: Ended, key: string): Promise<void> {
  expect(await takeRequests(workshop.authority)).toEqual([]);
  const line = key.split('\n')[3];
  if (line !== undefined && line.length > 30) expect(stdout + stderr).not.toContain(line);
}

describe.each(wrongKeys)('a private key that is wrong: $what', (wrong) => {
  test.for([newman, postmanCli])(
    'the Postman collection stops in $name with a named failure',
    async (client, { skip }) => {
      requireClient(client, skip);
      const folder = await exportFolder('postman', {}, workshop);
      setPostmanVariables(folder, { private_key_pem: wrong.pem() });
      const ended = await client.run(folder, run());
      expect({ code: ended.code, stdout: ended.stdout }).toEqual({
        code: 1,
        stdout: expect.stringMatching(wrong.postman),
      });
      await expectNothingSent(ended, wrong.pem());
    },
  );

  test('the Bruno collection stops with a named failure', async () => {
    const folder = await exportFolder('bruno', {}, workshop);
    const ended = await bruno.run(folder, run({ env: { PRIVATE_KEY_PEM: wrong.pem() } }));
    expect({ code: ended.code, output: ended.stdout + ended.stderr }).toEqual({
      code: 1,
      output: expect.stringMatching(wrong.bruno),
    });
    await expectNothingSent(ended, wrong.pem());
  });

  test("the .http file stops in httpYac with a named failure and httpYac's code for it", async () => {
    const folder = await exportFolder('http', {}, workshop);
    writeFileSync(join(folder, 'key.pem'), wrong.pem());
    const ended = await httpYac.run(folder, run({ env: { PRIVATE_KEY_FILE: join(folder, 'key.pem') } }));
    expect({ code: ended.code, output: ended.stdout + ended.stderr }).toEqual({
      code: 10,
      output: expect.stringMatching(wrong.httpYac),
    });
    await expectNothingSent(ended, wrong.pem());
  });
});
