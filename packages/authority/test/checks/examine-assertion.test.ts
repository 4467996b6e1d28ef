import { type Certificate, thumbprints } from '@certgrant/core';
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

async function registeredAs(certificate: Certificate): Promise<RegisteredCertificate> {
  return {
    keyId: 'k',
    der: certificate.der,
    thumbprints: await thumbprints(certificate),
    start: certificate.notBefore.getTime(),
    end: certificate.notAfter.getTime(),
    keyType: 'RSA',
    spki: certificate.publicKey.spki,
  };
}

it('examineAssertion runs every check over plain data and tells all that is wrong, not only the first', async () => {
  const { key, certificate } = await identity();
  const prints = await thumbprints(certificate);
  const registered = await registeredAs(certificate);
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

it('examineAssertion says what it recognised in a thumbprint that names no certificate', async () => {
  const { key, certificate } = await identity();
  const registered = await registeredAs(certificate);
  const { sha1, x5t } = registered.thumbprints;
  const headers = [
    { x5t: sha1 },
    { 'x5t#S256': x5t },
    { x5t: (await thumbprints((await identity()).certificate)).x5t },
  ];
  const received = headers.map(async (names) => {
    const parsed = parseAssertion(signJws({ alg: 'PS256', ...names }, { iss: clientId }, key, 'PS256'));
    if ('refused' in parsed) throw new Error('refused');
    const facts = { clientId, certificates: [registered], audience, now: Date.now() };
    const findings = await examineAssertion(assertionContext(parsed.value, facts));
    const { refused } = findings.find(({ name }) => name === 'key') ?? {};
    expect(refused).toMatchObject({ code: 700027, expected: sha1 });
    return refused?.received;
  });
  expect(await Promise.all(received)).toEqual([
    'x5t is a SHA-1 thumbprint in hexadecimal, not the base64url of its bytes',
    'x5t#S256 has 20 bytes instead of 32: a SHA-1 thumbprint, which belongs under x5t',
    expect.stringMatching(/^[0-9A-F]{40}$/),
  ]);
});

it('examineAssertion finds something wrong with members of any kind, and throws for none', async () => {
  const { key } = await identity();
  const odd = { toString: 1, valueOf: 1 };
  const header = { alg: odd, typ: odd, kid: odd, x5t: odd, 'x5t#S256': odd, x5c: odd };
  const claims = { iss: odd, sub: odd, aud: odd, exp: odd, nbf: odd, jti: odd };
  const parsed = parseAssertion(signJws(header, claims, key, 'PS256'));
  if ('refused' in parsed) throw new Error('refused');
  const strict = { issuer: 'https://localhost', longestLifetime: 600 };
  const facts = { clientId, certificates: [], audience, now: Date.now(), strict };
  const findings = await examineAssertion(assertionContext(parsed.value, facts));
  const fine = findings.flatMap(({ name, refused }) => (refused === undefined ? [name] : []));
  // No certificate could be looked at.
  expect(fine).toEqual(['certificate-validity', 'signature']);
});
