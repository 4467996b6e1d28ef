import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseAssertion } from '../../src/checks/parse-assertion.ts';

it('parseAssertion takes any text and either reads it or refuses it with 50027', () => {
  const segment = fc.oneof(
    fc.string(),
    fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64url')),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(segment, { maxLength: 5 }).map((parts) => parts.join('.')),
      ),
      (text) => {
        const outcome = parseAssertion(text);
        if ('refused' in outcome) expect(outcome.refused).toMatchObject({ code: 50027, status: 400 });
        else expect(typeof outcome.value.header).toBe('object');
      },
    ),
  );
});

it('parseAssertion keeps what was signed as it was written', () => {
  const header = Buffer.from('{ "alg": "PS256" }').toString('base64url');
  const claims = Buffer.from('{"iss":"é"}').toString('base64url');
  const outcome = parseAssertion(`${header}.${claims}.c2ln`);
  if ('refused' in outcome) throw new Error('refused');
  expect(Buffer.from(outcome.value.signingInput).toString()).toBe(`${header}.${claims}`);
  expect(outcome.value).toMatchObject({ header: { alg: 'PS256' }, claims: { iss: 'é' } });
});
