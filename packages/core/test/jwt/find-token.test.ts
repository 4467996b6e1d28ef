import { type CertgrantError, decodeToken, findToken } from '@certgrant/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { part, graphToken as token, unverifiable } from './support/tokens.ts';

/** Broken into lines of a width, each after the first with something before it. */
function wrapped(text: string, width: number, before = '', end = '\n'): string {
  return (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(`${end}${before}`);
}

const quotedPrintable = wrapped(token, 75, '', '=\r\n');

const places: readonly (readonly [name: string, text: string, where: string])[] = [
  ['a token alone', token, 'the text itself'],
  ['a token with white space around it', `\n  ${token}\r\n\n`, 'the text itself'],
  ['a token in quotation marks', `"${token}"`, 'the text'],
  ['a token in backquotes', `Use \`${token}\` here`, 'the text'],
  ['a token in angle brackets', `<${token}>`, 'the text'],
  ['a token at the end of a sentence', `My token is ${token}.`, 'the text'],
  ['a Bearer line', `Authorization: Bearer ${token}`, 'an Authorization header'],
  ['a Bearer line in lower case', `authorization: bearer ${token}\nhost: x`, 'an Authorization header'],
  ['a Bearer value in a curl line', `curl -H 'Authorization: Bearer ${token}' https://x/`, 'an Authorization header'],
  ['a DPoP line', `Authorization: DPoP ${token}`, 'an Authorization header'],
  [
    'a JSON answer',
    JSON.stringify({ token_type: 'Bearer', expires_in: 3599, access_token: token }),
    'the JSON member access_token',
  ],
  ['pretty JSON', JSON.stringify({ id_token: token }, null, 2), 'the JSON member id_token'],
  [
    'JSON inside JSON',
    JSON.stringify({ body: JSON.stringify({ access_token: token }) }),
    'the JSON member access_token',
  ],
  ['a JSON header', JSON.stringify({ authorization: `Bearer ${token}` }), 'the JSON member authorization'],
  [
    'JSON that mail has wrapped',
    wrapped(`{"access_token":"${token}","expires_in":3599}`, 72),
    'the JSON member access_token',
  ],
  ['a URL fragment', `https://jwt.ms/#access_token=${token}&state=1`, 'access_token in the fragment of a URL'],
  ['a second parameter of a fragment', `https://x/#state=1&id_token=${token}`, 'id_token in the fragment of a URL'],
  ['a URL query', `GET /callback?token=${token}&x=1 HTTP/1.1`, 'token in the query of a URL'],
  ['a form body', `client_id=a&client_assertion=${token}&grant_type=b`, 'the form parameter client_assertion'],
  ['a form that begins with it', `client_assertion=${token}&grant_type=b`, 'the form parameter client_assertion'],
  ['an .env line', `A=1\nTOKEN=${token}\nB=2`, 'the assignment TOKEN='],
  ['an export', `export TOKEN="${token}"`, 'the assignment TOKEN='],
  ['a PowerShell variable', `$env:TOKEN = '${token}'`, 'the assignment TOKEN='],
  ['a source line', `const token = '${token}';`, 'the assignment token='],
  ['a cookie', `Cookie: a=1; session=${token}; b=2`, 'the assignment session='],
  ['a header of its own', `x-ms-token-aad-access-token: ${token}`, 'the field x-ms-token-aad-access-token:'],
  ['a YAML line', `  token: ${token}`, 'the field token:'],
  ['percent-encoded white space before it', `Bearer%20${token}`, 'an Authorization header'],
  ['lines of 64', wrapped(token, 64), 'the text itself'],
  ['lines of 76 with CRLF', wrapped(token, 76, '', '\r\n'), 'the text itself'],
  ['indented lines', `    ${wrapped(token, 60, '    ')}`, 'the text itself'],
  ['quoted mail', `> ${wrapped(token, 70, '> ')}\n> Regards\n> Kim`, 'the text'],
  ['mail quoted twice', `>> ${wrapped(token, 70, '>> ')}\n\nHello`, 'the text'],
  ['shell continuation lines', wrapped(token, 70, '  ', '\\\n'), 'the text itself'],
  ['escaped line breaks', `"token": "${wrapped(token, 80, '', '\\n')}"`, 'the JSON member token'],
  ['quoted-printable lines', quotedPrintable, 'the text itself'],
  ['pieces with spaces between', wrapped(token, 80, ' ', ''), 'the text itself'],
  ['each part on its own line', token.replaceAll('.', '.\n'), 'the text itself'],
  ['dots at the beginning of lines', token.replaceAll('.', '\n.'), 'the text itself'],
  ['a name after it', `${token}\nThanks\nKim`, 'the text'],
  ['a reference after it', `${token}\nKim-2026_11`, 'the text'],
  ['a sentence after it', `${token}\nThis does not work for me`, 'the text'],
  ['characters without width in it', `\u200b${token.slice(0, 50)}\u200b${token.slice(50)}\ufeff`, 'the text itself'],
];

describe('findToken', () => {
  it.each(places)('finds the token in %s', (_name, text, where) => {
    const found = findToken(text);
    expect(found.token).toBe(token);
    expect(found.where.replace('the text itself', 'the text')).toBe(where.replace('the text itself', 'the text'));
    expect(decodeToken(found.token).faults).toEqual([]);
  });

  it('says on which line the token begins', () => {
    expect(findToken(`a\nb\n${token}`).line).toBe(3);
  });

  it('takes the access token of an exchange and names the others', () => {
    const assertion = unverifiable({ alg: 'PS256' }, { iss: 'a', sub: 'a' });
    const found = findToken(`client_id=a&client_assertion=${assertion}\n\n{"access_token":"${token}"}`);
    expect(found.token).toBe(token);
    expect(found.others).toEqual(['the form parameter client_assertion']);
  });

  it('tells tokens on lines of their own apart', () => {
    const other = unverifiable({ alg: 'RS256' }, { sub: 'b' });
    const found = findToken(`${token}\n${other}\n${token}`);
    expect(found.token).toBe(token);
    expect(found.others).toHaveLength(1);
  });

  it('finds unsigned and encrypted tokens', () => {
    const unsigned = `${part({ alg: 'none' })}.${part({ sub: 'a' })}.`;
    expect(findToken(`token=${unsigned}`).token).toBe(unsigned);
    const encrypted = `${part({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.aaaa.bbbb.cccc.dddd`;
    expect(findToken(`"${encrypted}"`).token).toBe(encrypted);
  });

  it('finds a header with white space at its beginning', () => {
    for (const header of ['{ "alg":"RS256"}', '{\n"alg":"RS256"}', '{\r\n"alg":"RS256"}', '{\t"alg":"RS256"}', '{}']) {
      const spaced = `${part(header)}.${part({ sub: 'a' })}.aaaa`;
      expect(findToken(`x ${spaced}`).token).toBe(spaced);
    }
  });

  it('makes the JSON serialization of a JWS compact', () => {
    const [header, payload, signature] = token.split('.');
    expect(findToken(JSON.stringify({ payload, protected: header, signature })).token).toBe(token);
    expect(findToken(JSON.stringify({ payload, signatures: [{ protected: header, signature }] })).token).toBe(token);
  });

  it('keeps the damage of a damaged token, for decodeToken to point at', () => {
    for (const damaged of [
      token.slice(1),
      token.slice(0, 90),
      token.replace('.', '.*'),
      `${token.slice(0, 300)}…`,
      'eyJhbGciOiJSUzI1NiJ9...',
    ]) {
      const { faults } = decodeToken(findToken(`Bearer ${damaged}`).token);
      expect(faults.length).toBeGreaterThan(0);
    }
  });

  it('joins a broken token across its damage', () => {
    const damaged = `${token.slice(0, 300)}*${token.slice(301)}`;
    expect(findToken(`> ${wrapped(damaged, 70, '> ')}\n> Thanks`).token).toBe(damaged);
  });

  it('does not take client_info for a token', () => {
    const text = JSON.stringify({ access_token: 'opaque-and-long-enough', client_info: part({ uid: 'a', utid: 'b' }) });
    expect(() => findToken(text)).toThrow('the access_token of this JSON is opaque');
  });

  const misses: readonly (readonly [text: string, message: RegExp])[] = [
    ['', /the text is empty/],
    [' \n ', /the text is empty/],
    ['hello there', /there is no JWT in the text/],
    ['www.example.com', /there is no JWT in the text/],
    ['-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', /PEM file/],
    ['{"error":"invalid_client","error_description":"AADSTS700027: …"}', /error answer \(invalid_client\)/],
    ['https://localhost/#error=access_denied&state=1', /error answer \(access_denied\)/],
    ['https://localhost/?code=0.AXoAU-9ZFQ4rlUOy7zbxKI9A2ge9M&state=1', /authorization code/],
    ['{"access_token":"EwBAA8l6BAAU"}', /access_token of this JSON is opaque/],
    ['Authorization: Bearer ya29.a0AfH6SMBx', /after Bearer is opaque/],
    ['0.AXoAU-9ZFQ4rlUOy7zbxKI9A2ge9M-nu0h1Pkzw3UrgZVnvmAAA', /this text is opaque/],
    ['eyewitness.example', /there is no JWT/],
  ];
  it.each(misses)('says of %j why it holds no token', (text, message) => {
    let thrown: CertgrantError | undefined;
    try {
      findToken(text);
    } catch (error) {
      thrown = error as CertgrantError;
    }
    expect(thrown?.code).toBe('TOKEN_NOT_FOUND');
    expect(thrown?.message).toMatch(message);
    expect(thrown?.fix).not.toBe('');
  });

  it('throws nothing but TOKEN_NOT_FOUND, whatever the text', () => {
    const pieces = fc.constantFrom(
      'eyJ',
      'ey',
      '.',
      '\n',
      '> ',
      '=',
      '\\n',
      '"',
      'Bearer ',
      '&a=',
      '#',
      token,
      token.slice(0, 40),
      '{"access_token":"',
      ' ',
      '\u0000',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.array(pieces, { maxLength: 30 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          decodeToken(findToken(text).token);
        } catch (thrown) {
          expect((thrown as CertgrantError).code).toBe('TOKEN_NOT_FOUND');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('finds a token in any line width and quoting', () => {
    const widths = fc.integer({ min: 40, max: 400 });
    const quotes = fc.constantFrom('', '> ', '>> ', '    ', '\t', '| ');
    fc.assert(
      fc.property(widths, quotes, fc.constantFrom('\n', '\r\n'), (width, quote, end) => {
        expect(findToken(`${quote}${wrapped(token, width, quote, end)}${end}${quote}Thanks`).token).toBe(token);
      }),
      { numRuns: 200 },
    );
  });

  it('stays quick on a large text of near misses', () => {
    for (const text of [
      'eyJ'.repeat(300_000),
      'eyJ '.repeat(200_000),
      '.eyJ\n'.repeat(200_000),
      `${'A'.repeat(1_000_000)}.`,
      '> \n'.repeat(300_000),
      `eyJ${'\n>'.repeat(300_000)}`,
    ]) {
      const from = performance.now();
      expect(() => decodeToken(findToken(text).token)).not.toThrow(TypeError);
      expect(performance.now() - from).toBeLessThan(10_000);
    }
  });
});
