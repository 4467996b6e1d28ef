import { thumbprints } from '@certgrant/core';
import { expect, it } from 'vitest';
import {
  assertionChecks,
  assertionContext,
  examineAssertion,
  parseAssertion,
  type RegisteredCertificate,
  refuseAssertion,
} from '../../src/index.ts';
import { identity, signJws } from '../support/identity.ts';

const clientId = '0f8fad5b-d9cb-469f-a165-70867728950e';
const audience = { bases: ['https://login.microsoftonline.com'], tenants: ['contoso.example'] };

it('examineAssertion runs every check over plain data and tells all that is wrong, not only the first', async () => {
  const { key, certificate } = await identity();
  const prints = await thumbprints(certificate);
  const registered: RegisteredCertificate = {
    keyId: 'k',
    der: certificate.der,
    thumbprints: prints,
    start: certificate.notBefore.getTime(),
    end: certificate.notAfter.getTime(),
    keyType: 'RSA',
    spki: certificate.publicKey.spki,
  };
  const claims = { iss: clientId, sub: clientId, aud: 'https://login.microsoftonline.com/common', exp: 1000 };
  const parsed = parseAssertion(signJws({ alg: 'PS256', x5t: prints.x5t }, claims, key, 'PS256'));
  if ('refused' in parsed) throw new Error('refused');
  const facts = { clientId, certificates: [registered], audience, now: Date.now() };
  const findings = await examineAssertion(assertionContext(parsed.value, facts));
  expect(findings.map(({ name }) => name)).toEqual(assertionChecks.map(({ name }) => name));
  expect(findings.flatMap(({ name, refused }) => (refused ? [[name, refused.code]] : []))).toEqual([
    ['audience', 700023],
    ['times', 700024],
  ]);
  const first = await refuseAssertion(assertionContext(parsed.value, facts));
  expect(first).toMatchObject({
    code: 700023,
    expected: 'https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token',
    received: 'https://login.microsoftonline.com/common',
  });
});
