import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JudgedCheck, Verdict } from '@certgrant/authority/checks';
import { explainText } from '@certgrant/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aadstsCodes } from '../../packages/authority/src/entra-error.ts';
import { certgrant, type Outcome } from '../../packages/cli/test/support/run.ts';
import type { Refusal } from './support/refusals/refusal.ts';
import { assertionOf, type Draft, openScene, type Scene, send } from './support/refusals/scene.ts';
import { refusals } from './support/refusals.ts';

/** Each refusal of the local authority, explained from its answer, and foreseen from the assertion. */
const folder = mkdtempSync(join(tmpdir(), 'certgrant-refusals-'));
let usual: Scene;
let strict: Scene;

beforeAll(async () => {
  [usual, strict] = await Promise.all([openScene(), openScene({ strict: true })]);
});
afterAll(async () => {
  await usual?.close();
  await strict?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Judged {
  readonly verdict: Verdict;
  readonly checks: readonly JudgedCheck[];
}

/** The code and the OAuth error of an answer. */
function answered(answer: string): readonly string[] {
  const { error, error_codes: codes } = JSON.parse(answer);
  return [`AADSTS${codes[0]}`, error];
}

function decode(row: Refusal, { signer, form }: Draft, assertion: string, scene: Scene): Promise<Outcome> {
  const file = join(folder, 'registered.cer');
  writeFileSync(file, (row.registered?.(scene) ?? signer).certificate.der);
  const { tenantId, url } = scene.authority;
  const given = ['--cert', file, '--tenant', tenantId, '--authority', url, '--client-id', String(form.client_id)];
  return certgrant(['decode', '--json', '--as', 'client-assertion', ...given], { stdin: assertion });
}

describe('explain names the mistake in the answer, and decode in the assertion', () => {
  test.each(refusals)('$name', async (row) => {
    const scene = row.strict === true ? strict : usual;
    const wanted = await row.request(scene);
    const assertion = assertionOf(wanted);
    const answer = await send(scene, wanted, assertion);

    const explanations = await explainText(answer);
    expect(explanations.map(({ code, causes: [first] }) => [code, first?.id])).toEqual([
      [`AADSTS${row.code}`, row.cause],
    ]);

    expect(explanations[0]?.causes[0]?.likelihood === 'certain').toBe(row.proven === true);
    // Without an assertion there is nothing to decode.
    if ('client_assertion' in wanted.form) return;
    const { code, stdout, stderr } = await decode(row, wanted, assertion, scene);
    const { decoded = row.cause } = row;
    if (decoded === 'no-token') {
      expect([code, stdout]).toEqual([1, '']);
      expect(JSON.parse(stderr).error.code).toBe('TOKEN_NOT_FOUND');
      return;
    }
    const { verdict, checks }: Judged = JSON.parse(stdout);
    const failed = checks.filter(({ status }) => status === 'failed');
    if (decoded === 'nothing') {
      expect([verdict.refused, failed]).toEqual([false, []]);
      expect(checks).toContainEqual(expect.objectContaining({ id: 'registration', status: 'skipped' }));
    } else {
      expect([verdict.refused, verdict.code, verdict.error]).toEqual([true, ...answered(answer)]);
      expect(verdict.explanation?.causes[0]?.id).toBe(decoded);
      expect(failed.map(({ code: each }) => each)).toContain(verdict.code);
    }
  });
});

test('the table has every code that the authority answers with', () => {
  const driven = new Set(refusals.map(({ code }) => code));
  // Strict mode answers 90055 when half a million assertions are remembered.
  expect(aadstsCodes.filter((code) => !driven.has(code))).toEqual([90055]);
});
