import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { base, type TestAuthority, testAuthority } from '../support/authority.ts';
import { type Identity, identity, signJws } from '../support/identity.ts';
import { assertionType, type Draft, draft, send } from '../support/token-request.ts';

/**
 * Nothing that a caller sends is a fault of the authority: whatever it is, the answer is a token or a refusal of the
 * form that Entra ID gives it, and nothing unexpected is logged.
 */

let authority: TestAuthority;
let daemon: Identity;
let granted: Draft;

beforeAll(async () => {
  authority = await testAuthority();
  daemon = await identity();
  const { appId } = await authority.register({ certificate: daemon.certificate, secret: 'secret' });
  granted = await draft(authority.tenantId, appId, daemon);
});

const deep = '['.repeat(20_000) + ']'.repeat(20_000);

/** Texts that have broken parsers before. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    'toString',
    '\ud800',
    '\u0000',
    '\r\nTrace ID: x',
    'x'.repeat(5000),
    '%',
  ),
);
/** JSON of any shape, as it stands on the wire: `1e999` and `__proto__` can be written there. */
const json = fc.oneof(
  { weight: 4, arbitrary: fc.json() },
  { weight: 4, arbitrary: text.map((value) => JSON.stringify(value)) },
  fc.constantFrom('1e999', '-0', '1e308', '-1', '9007199254740993', 'null', '[]', '{}', deep, '"\\ud800"'),
  fc.constantFrom('{"__proto__":{"alg":"none"}}', '{"toString":1,"valueOf":1}', '[[]]', '[null]', 'true'),
);
const names = fc.oneof(
  fc.constantFrom('alg', 'typ', 'kid', 'x5t', 'x5t#S256', 'x5c', 'iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'),
  fc.constantFrom('__proto__', 'toString', 'constructor', 'crit', 'b64', 'zip', 'jwk'),
  text,
);
/** Members that take the place of good ones. */
const changes = fc.array(fc.tuple(names, json), { maxLength: 4 });

/** JSON text with members replaced, written by hand: nothing of it goes through an object of ours. */
function written(members: Readonly<Record<string, unknown>>, replaced: readonly (readonly [string, string])[]): string {
  const all = new Map(Object.entries(members).map(([name, value]) => [name, JSON.stringify(value)]));
  for (const [name, value] of replaced) all.set(name, value);
  return `{${[...all].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}

const shape = {
  error: expect.stringMatching(/^[a-z_]+$/),
  error_description: expect.stringMatching(
    /^AADSTS\d+: [^\r\n]+\r\nTrace ID: [0-9a-f-]{36}\r\nCorrelation ID: [0-9a-f-]{36}\r\nTimestamp: [-\d]+ [:\d]+Z$/,
  ),
  error_codes: [expect.any(Number)],
  timestamp: expect.any(String),
  trace_id: expect.any(String),
  correlation_id: expect.any(String),
  error_uri: expect.any(String),
};

function expectSound({ status, body }: { readonly status: number; readonly body: unknown }): void {
  if (status === 200) expect(body).toMatchObject({ token_type: 'Bearer', access_token: expect.any(String) });
  else {
    expect([400, 401]).toContain(status);
    expect(body).toEqual(shape);
  }
  expect(authority.logged).toEqual([]);
}

describe('the token endpoint answers soundly', () => {
  it('whatever the header and the claims of an assertion are', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(changes, changes, async (header, claims) => {
        const parts = [written(granted.header, header), written(granted.claims, claims)] as const;
        const answer = await send(authority, { ...granted, assertion: signJws(...parts, daemon.key, 'PS256') });
        if (answer.status === 200) accepted++;
        expectSound(answer);
      }),
      { numRuns: 400 },
    );
    // The property is about more than refusals at the first check.
    expect(accepted).toBeGreaterThan(10);
  });

  it('whatever the form is', async () => {
    const known = ['client_id', 'scope', 'grant_type', 'client_assertion', 'client_secret', 'claims', 'resource'];
    const name = fc.oneof(fc.constantFrom(...known, 'client_assertion_type', 'client-request-id'), text);
    const value = fc.oneof(text, json, fc.constantFrom('client_credentials', 'secret', assertionType, 'a.b.c'));
    const piece = fc.oneof(
      fc.tuple(name, value).map(([key, each]) => new URLSearchParams([[key, each]]).toString()),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('%', '%zz', '&', '=', '%ED%A0%80', '%00', 'scope', 'client_id=%ff'),
    );
    const usual = new URLSearchParams({
      client_id: String(granted.form.client_id),
      scope: String(granted.form.scope),
      grant_type: 'client_credentials',
    });
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(piece, { maxLength: 6 }), fc.boolean(), async (begun, pieces, v1) => {
        const body = [...(begun ? [usual.toString()] : []), ...pieces].join('&');
        const path = `/${authority.tenantId}/oauth2/${v1 ? '' : 'v2.0/'}token`;
        const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
        const response = await authority.app.respond(new Request(base + path, { method: 'POST', body, headers }));
        expectSound({ status: response.status, body: await response.json() });
      }),
      { numRuns: 500 },
    );
  });

  it('whatever stands in the Authorization header and in place of the tenant', async () => {
    const form = { ...granted.form, client_assertion: undefined, client_assertion_type: undefined };
    const pair = fc.tuple(text, text).map((both) => `Basic ${Buffer.from(both.join(':')).toString('base64')}`);
    const header = fc.oneof(
      pair,
      fc.string().map((each) => `Basic ${each}`.replace(/[^\x20-\x7e]/g, '')),
    );
    await fc.assert(
      fc.asyncProperty(header, fc.oneof(fc.constant(authority.tenantId), text), async (authorization, tenant) => {
        const path = `/${encodeURIComponent(tenant.replace(/\p{Cs}/gu, '')) || 'x'}/oauth2/v2.0/token`;
        const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: authorization };
        expectSound(await send(authority, { ...granted, form, path }, { headers }));
      }),
      { numRuns: 300 },
    );
  });
});
