import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainText } from '../../src/diagnosis/explain.ts';
import { appId, assertion, identifiers, keyAnswer } from './support/evidence.ts';

/** Pieces that each pattern begins with, so that many of them in a row are its worst case. */
const pieces = fc.constantFrom(
  'AADSTS700027',
  'AADSTS700027: ',
  'AADSTS999999: x ',
  'AADSTS7000\n27',
  'AADSTS70002%3a',
  'error_codes: [1,',
  'Error(s): 1,',
  '&code=12345',
  'invalid_client ',
  '"error_description": "',
  "Thumbprint of key used by client: '",
  "Found key 'Start=",
  'Current time: ',
  'Trace ID: ',
  "app '",
  'eyJhbGciOi.',
  'client_secret=',
  '\\',
  '\\r\\n',
  '\u001b[',
  '\n',
  ' ',
  '│ ',
  '&#39;',
  '+',
  '9',
  'A',
);

/** How long it takes in the best of some runs: other processes of the machine only make it longer. */
async function duration(text: string, runs: number): Promise<number> {
  const taken: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await explainText(text);
    taken.push(performance.now() - start);
  }
  return Math.min(...taken);
}

describe('explainText', () => {
  test('takes time that grows with the text and no faster, whatever the text is made of', async () => {
    await explainText('700027');
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { minLength: 1, maxLength: 3 }), async (parts) => {
        const unit = parts.join('');
        const short = await duration(unit.repeat(Math.ceil(25_000 / unit.length)), 1);
        const long = await duration(unit.repeat(Math.ceil(200_000 / unit.length)), 3);
        // Eight times the text; a quadratic pattern takes sixty-four times as long.
        expect(long).toBeLessThan(24 * short + 400);
      }),
      { numRuns: 20 },
    );
  }, 120_000);

  test('finds an error wherever the pieces of a text are cut, also far into a long one', async () => {
    const filler = '2026-06-01 12:00:00 INFO all is well\n';
    const text = `${filler.repeat(20_000)}2026-06-01 12:00:01 ERROR ${keyAnswer('The key was not found.')}\n${filler.repeat(20_000)}`;
    const whole = await explainText(text);
    expect(whole).toMatchObject([{ code: 'AADSTS700027', facts: { timestamp: '2026-06-01 12:00:00Z' } }]);
    for (const size of [997, 65_536, 262_144, 300_001]) {
      expect(await explainText(inPieces(text, size))).toEqual(whole);
    }
  });

  test('keeps little of a long text', async () => {
    async function* endless(): AsyncGenerator<string> {
      const line = `2026-06-01 12:00:00 INFO ${'x'.repeat(100)}\n`.repeat(5000);
      for (let count = 0; count < 60; count++) yield line;
      yield 'AADSTS700027: at last';
    }
    const before = process.memoryUsage().heapUsed;
    expect(await explainText(endless())).toHaveLength(1);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(60e6);
  }, 60_000);

  test('has an end to what it lists', async () => {
    const many = Array.from({ length: 5000 }, (_, at) => `AADSTS${100_000 + at}: x`).join('\n');
    expect((await explainText(many)).length).toBeLessThanOrEqual(200);
  });

  test('never throws, and gives nothing that could steer a terminal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(pieces, fc.string({ unit: 'binary' }))), async (parts) => {
        const text = JSON.stringify(await explainText(`AADSTS700027: ${parts.join('')}`));
        expect(text).not.toMatch(/[\p{Cc}\p{Bidi_Control}]|(?<!\\)\\u(?:001b|202e)/u);
      }),
    );
  });

  const secrets: readonly (readonly [name: string, secret: string, text: string])[] = [
    ['an assertion in a form', assertion(), `client_assertion=${assertion()}&scope=x`],
    ['an access token', 'eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2ln', 'Bearer eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2ln'],
    [
      'a client secret',
      'abc8Q~hGfT6.kLmN-pQrS_tUvWxYz0123456789',
      'client_secret=abc8Q~hGfT6.kLmN-pQrS_tUvWxYz0123456789',
    ],
    [
      'a client secret without a name',
      'abc8Q~hGfT6.kLmN-pQrS_tUvWxYz0123456789',
      'sent abc8Q~hGfT6.kLmN-pQrS_tUvWxYz0123456789',
    ],
    ['a password in JSON', 'hunter22', '"password": "hunter22"'],
    ['an opaque token', '0.AXoAq1b2c3d4e5f6a7b8c9d0e1f2a3b4', 'refresh_token=0.AXoAq1b2c3d4e5f6a7b8c9d0e1f2a3b4'],
    ['a header of basic authentication', 'dXNlcjpwYXNzd29yZA==', 'Authorization: Basic dXNlcjpwYXNzd29yZA=='],
  ];
  test.each(secrets)('repeats no secret of the text: %s', async (_, secret, text) => {
    for (const code of ['AADSTS700027', 'AADSTS999999']) {
      const around = [`${code}: It failed. ${text} ${identifiers}`, `${text} ${code}: It failed for app '${appId}'`];
      for (const whole of around) expect(JSON.stringify(await explainText(whole))).not.toContain(secret.slice(4, -1));
    }
  });

  test('repeats what is no secret', async () => {
    const [explanation] = await explainText(
      `AADSTS999999: See https://graph.microsoft.com/beta/applications/${appId} for '${'AB'.repeat(32)}' until 2026-06-01T12:00:00.1234567Z`,
    );
    expect(explanation?.facts.message).not.toContain('masked');
  });
});

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}
