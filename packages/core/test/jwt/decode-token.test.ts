import { type CertgrantError, createClientAssertion, decodeToken, type TokenKind } from '@certgrant/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphToken, makeCredential, part, tenantId, unverifiable } from './support/tokens.ts';

const header = { alg: 'RS256', typ: 'JWT' };
const signature = Buffer.alloc(256, 1).toString('base64url');

describe('decodeToken', () => {
  it('takes a whole token apart and finds no fault', () => {
    const decoded = decodeToken(graphToken);
    expect(decoded).toMatchObject({ form: 'jws', kind: 'access-token', faults: [], claims: { tid: tenantId } });
    const { header: one, payload, signature: last } = decoded.parts;
    expect([one?.start, one?.end]).toEqual([0, graphToken.indexOf('.')]);
    expect([last?.start, last?.end]).toEqual([graphToken.lastIndexOf('.') + 1, graphToken.length]);
    expect(JSON.parse(payload?.text ?? '')).toEqual(decoded.claims);
    expect(last?.bytes).toHaveLength(256);
  });

  it('reads what it was written from, whatever the claims', () => {
    const json = fc.object({
      key: fc.string({ unit: 'binary' }),
      maxDepth: 4,
      values: [
        fc.string({ unit: 'binary' }),
        fc.double({ noDefaultInfinity: true, noNaN: true }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
      ],
    });
    fc.assert(
      fc.property(json, json, fc.integer({ min: 0, max: 3 }), (first, claims, indent) => {
        const token = `${part(JSON.stringify(first, null, indent))}.${part(JSON.stringify(claims))}.${signature}`;
        const decoded = decodeToken(token);
        // Through JSON once, which writes -0 as 0 and lone surrogates as escapes.
        expect(decoded.header).toEqual(JSON.parse(JSON.stringify(first)));
        expect(decoded.claims).toEqual(JSON.parse(JSON.stringify(claims)));
        expect(decoded.faults.every(({ code }) => code === 'no-algorithm' || code === 'unsigned')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('agrees with JSON.parse on which texts are JSON objects', () => {
    const fragment = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '\\u00e4',
      '\\x',
      '\\',
      '1',
      '-',
      '0',
      '.5',
      'e',
      '1e5',
      '01',
      'true',
      'nul',
      'null',
      ' ',
      '\n',
      '\u0001',
      'ä',
      '\u0085',
      '"b":1',
      '{"c":[1,{}]}',
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 12 }), (fragments) => {
        for (const text of [fragments.join(''), `{${fragments.join('')}}`, `{"x":${fragments.join('')}}`]) {
          const { claims, faults } = decodeToken(`${part(header)}.${part(text)}.${signature}`);
          const readable = !faults.some(({ code }) => code !== 'duplicate-member');
          expect(readable, text).toBe(isJsonObject(text));
          if (readable) expect(claims).toEqual(JSON.parse(text));
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('throws nothing but TOKEN_NOT_FOUND, whatever the text', () => {
    const pieces = fc.constantFrom(
      '.',
      '..',
      'eyJ',
      '=',
      '+',
      part(header),
      part('{"a":1'),
      part('[1]'),
      part('"x"'),
      'w',
      ' ',
      '\ufffd',
      part('{"alg":"none"}'),
      part('{"enc":1}'),
      part('{"b64":false,"alg":5}'),
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const { faults } = decodeToken(text);
          for (const { at = 0 } of faults) expect(at >= 0 && at <= text.trim().length).toBe(true);
        } catch (thrown) {
          expect((thrown as CertgrantError).code).toBe('TOKEN_NOT_FOUND');
          expect(text.trim()).toBe('');
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('recovers the members before the point at which a token was cut', () => {
    const [first = '', second = ''] = graphToken.split('.');
    const decoded = decodeToken(`${first}.${second.slice(0, 150)}`);
    expect(decoded.claims).toEqual({ aud: 'https://graph.microsoft.com', iss: `https://sts.windows.net/${tenantId}/` });
    expect(decoded.faults.map(({ code }) => code)).toEqual(['truncated', 'missing-part']);
    expect(decoded.faults[0]).toMatchObject({ part: 'payload', code: 'truncated', at: first.length + 1 + 150 });
  });

  interface Broken {
    readonly token: string;
    readonly faults: readonly object[];
    readonly claims?: object | undefined;
  }
  const claims = { iss: 'a', sub: 'b' };
  const [h, p] = [part(header), part(claims)];
  const start = h.length + 1;
  const afterPayload = start + p.length + 1;
  const broken: Readonly<Record<string, Broken>> = {
    'a character that is not base64url': {
      token: `${h}.${p.slice(0, 10)}*${p.slice(11)}.${signature}`,
      faults: [{ part: 'payload', code: 'not-base64url', at: start + 10 }],
    },
    'an ellipsis': {
      token: `${h}.${p.slice(0, 17)}…`,
      faults: [
        { part: 'payload', code: 'not-base64url', at: start + 17, message: expect.stringContaining('ellipsis') },
        { part: 'signature', code: 'missing-part' },
      ],
      claims: { iss: 'a' },
    },
    'an en dash in the signature': {
      token: `${h}.${p}.${signature.slice(0, 5)}–${signature.slice(6)}`,
      faults: [{ part: 'signature', code: 'not-base64url', at: afterPayload + 5 }],
      claims,
    },
    padding: {
      token: `${part('{"alg":"RS256"} ')}==.${p}.${signature}`,
      faults: [{ part: 'header', code: 'padding', at: 22 }],
      claims,
    },
    'standard base64': {
      token: `${h}.${Buffer.from('{"a":"ÿþ~~~???"}').toString('base64').replace(/=+$/, '')}.${signature}`,
      faults: [{ part: 'payload', code: 'standard-base64' }],
      claims: { a: 'ÿþ~~~???' },
    },
    'a character too many': {
      token: `${h}.${part('{"iss":"ab"}')}A.${signature}`,
      faults: [{ part: 'payload', code: 'truncated', at: start + 17 }],
      claims: { iss: 'ab' },
    },
    'a byte that is not UTF-8': {
      token: `${h}.${Buffer.from([...Buffer.from('{"a":"ä'), 0xe4, ...Buffer.from('"}')]).toString('base64url')}.${signature}`,
      faults: [{ part: 'payload', code: 'not-utf8', at: start + Math.floor((8 * 4) / 3) }],
      claims: { a: 'ä\ufffd' },
    },
    'broken JSON': {
      token: `${h}.${part('{"iss":"a","sub" "b"}')}.${signature}`,
      faults: [
        {
          part: 'payload',
          code: 'not-json',
          textAt: 17,
          at: start + Math.floor((17 * 4) / 3),
          message: 'The payload has broken JSON: its character 18 should be ":" and is a quotation mark',
        },
      ],
      claims: { iss: 'a' },
    },
    'something after the JSON': {
      token: `${h}.${part('{"iss":"a"}}')}.${signature}`,
      faults: [{ part: 'payload', code: 'not-json', textAt: 11 }],
      claims: { iss: 'a' },
    },
    'a payload that is a list': {
      token: `${h}.${part('["a"]')}.${signature}`,
      faults: [{ part: 'payload', code: 'not-an-object' }],
      claims: undefined,
    },
    'a payload that is no JSON': {
      token: `${h}.${part('hello')}.${signature}`,
      faults: [{ part: 'payload', code: 'not-json' }],
      claims: undefined,
    },
    'a member that stands twice': {
      token: `${h}.${part('{"sub":"a","x":{"y":1,"y":2},"sub":"b"}')}.${signature}`,
      faults: [
        { part: 'payload', code: 'duplicate-member', textAt: 22 },
        { part: 'payload', code: 'duplicate-member', textAt: 29 },
      ],
      claims: { sub: 'b', x: { y: 2 } },
    },
    'a member in two spellings': {
      token: `${h}.${part('{"sub":"a","s\\u0075b":"b"}')}.${signature}`,
      faults: [{ part: 'payload', code: 'duplicate-member', textAt: 11 }],
      claims: { sub: 'b' },
    },
    'nothing but a header': {
      token: h,
      faults: [{ part: 'payload', code: 'missing-part', at: h.length }],
      claims: undefined,
    },
    'no signature': { token: `${h}.${p}`, faults: [{ part: 'signature', code: 'missing-part' }], claims },
    'an empty signature': {
      token: `${h}.${p}.`,
      faults: [{ part: 'signature', code: 'missing-part', at: afterPayload }],
      claims,
    },
    'an empty payload': {
      token: `${h}..${signature}`,
      faults: [{ part: 'payload', code: 'missing-part' }],
      claims: undefined,
    },
    'four parts': {
      token: `${h}.${p}.${signature}.x`,
      faults: [{ part: 'token', code: 'extra-part', at: afterPayload + 342 }],
      claims,
    },
    'a signature that is cut': {
      token: `${h}.${p}.${signature.slice(0, 338)}`,
      faults: [{ part: 'signature', code: 'signature-length', at: afterPayload }],
      claims,
    },
    'an ES256 signature as DER': {
      token: `${part({ alg: 'ES256' })}.${p}.${Buffer.alloc(71, 1).toString('base64url')}`,
      faults: [{ part: 'signature', code: 'signature-length' }],
      claims,
    },
    'alg none': { token: `${part({ alg: 'none' })}.${p}.`, faults: [{ part: 'header', code: 'unsigned' }], claims },
    'alg nOnE with a signature': {
      token: `${part({ alg: 'nOnE' })}.${p}.AAAA`,
      faults: [{ part: 'header', code: 'unsigned' }],
      claims,
    },
    'no alg': {
      token: `${part({ typ: 'JWT' })}.${p}.${signature}`,
      faults: [{ part: 'header', code: 'no-algorithm' }],
      claims,
    },
    'a payload that is not encoded': {
      token: `${part({ alg: 'RS256', b64: false, crit: ['b64'] })}.{"iss":"a"}.${signature}`,
      faults: [{ part: 'payload', code: 'unencoded-payload' }],
      claims: { iss: 'a' },
    },
    'the first character missing': {
      token: `${h}.${p}.${signature}`.slice(1),
      faults: [{ part: 'header', code: 'truncated', at: 0 }],
      claims,
    },
  };
  it.each(Object.entries(broken))('points at %s', (_name, { token, faults, ...rest }) => {
    const decoded = decodeToken(token);
    expect(decoded.faults).toEqual(faults.map((fault) => expect.objectContaining(fault)));
    if ('claims' in rest) expect(decoded.claims).toEqual(rest.claims);
    for (const { message } of decoded.faults) expect(message).toMatch(/^The [^\n]*[^.]$/);
  });

  it('says of an encrypted token that it is encrypted and shows its header', () => {
    const decoded = decodeToken(`${part({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.aaaa.bbbb.cccc.dddd`);
    expect(decoded).toMatchObject({ form: 'jwe', kind: 'other', header: { enc: 'A256GCM' }, claims: undefined });
    expect(decoded.faults).toEqual([expect.objectContaining({ code: 'encrypted' })]);
  });

  it('keeps members that are named like parts of a JavaScript object', () => {
    const text = '{"__proto__":{"admin":true},"constructor":1,"toString":2}';
    const { claims: read } = decodeToken(`${h}.${part(text)}.${signature}`);
    expect(JSON.stringify(read)).toBe(text);
    expect((read as { admin?: boolean }).admin).toBeUndefined();
  });

  it('survives JSON that is nested without end', () => {
    for (const text of [
      `{"a":${'['.repeat(100_000)}`,
      '{"a":'.repeat(100_000),
      `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    ]) {
      expect(decodeToken(`${h}.${part(text)}.${signature}`).faults[0]).toMatchObject({ code: 'not-json' });
    }
  });

  it('stays quick on a large token', () => {
    const members = Array.from({ length: 100_000 }, () => '"a":1').join();
    for (const text of [
      `{${members}}`,
      `{"a":"${'x'.repeat(2_000_000)}"}`,
      '='.repeat(1_000_000),
      '\ufffd'.repeat(300_000),
    ]) {
      const from = performance.now();
      decodeToken(`${h}.${part(text)}.${signature}`);
      decodeToken(`${h}.${text}x.${signature}`);
      expect(performance.now() - from).toBeLessThan(10_000);
    }
  });

  const assertion = {
    iss: 'client',
    sub: 'client',
    aud: `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
    jti: 'x',
  };
  const kinds: readonly (readonly [name: string, kind: TokenKind, claims: object, header?: object])[] = [
    ['a client assertion', 'client-assertion', assertion],
    [
      'an assertion for an issuer',
      'client-assertion',
      { ...assertion, aud: `https://login.microsoftonline.com/${tenantId}/v2.0` },
    ],
    ['an assertion with a list as audience', 'client-assertion', { ...assertion, aud: [assertion.aud] }],
    ['an assertion by its type', 'client-assertion', { sub: 'x' }, { alg: 'PS256', typ: 'client-authentication+jwt' }],
    ['a proof', 'proof', { aud: '00000002-0000-0000-c000-000000000000', iss: tenantId, nbf: 1, exp: 2 }],
    [
      'a v1.0 token for Azure AD Graph',
      'access-token',
      { aud: '00000002-0000-0000-c000-000000000000', appid: 'x', tid: tenantId },
    ],
    [
      'a v2.0 token',
      'access-token',
      { aud: 'x', azp: 'y', azpacr: '2', tid: tenantId, ver: '2.0', oid: 'o', sub: 'o' },
    ],
    ['an RFC 9068 token', 'access-token', { aud: 'x', sub: 'y' }, { alg: 'ES256', typ: 'at+jwt' }],
    ['a token with scope', 'access-token', { aud: 'https://api', iss: 'x', sub: 'x', scope: 'a b' }],
    ['an ID token', 'other', { aud: 'x', sub: 'y', nonce: 'n', tid: tenantId }],
    ['an ID token without nonce', 'other', { aud: 'x', sub: 'y', preferred_username: 'n', tid: tenantId }],
    ['a token of any other kind', 'other', { iss: 'x', sub: 'x' }],
    ['a token without claims', 'other', {}],
  ];
  it.each(kinds.map(([name, ...rest]) => ({ name, rest })))('tells $name', ({ rest: [kind, these, its = header] }) => {
    expect(decodeToken(unverifiable(its, these)).kind).toBe(kind);
  });

  it('recognises the assertions that certgrant makes', async () => {
    const credential = await makeCredential();
    const token = await createClientAssertion({
      credential,
      clientId: 'client',
      audience: assertion.aud,
      sendChain: true,
    });
    expect(decodeToken(token)).toMatchObject({ kind: 'client-assertion', faults: [], header: { alg: 'PS256' } });
  });
});

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
