import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCertgrantError } from '../../src/errors.ts';
import type { HttpResponse } from '../../src/lib/http.ts';
import { utf8 } from '../../src/lib/text-encoding.ts';
import { TokenRefusedError } from '../../src/token/token-refused-error.ts';
import { readTokenResponse } from '../../src/token/token-response.ts';
import { makeCredential } from './support/certificates.ts';

const sentAt = Date.UTC(2026, 0, 2);
const times = { sentAt, now: sentAt + 2000 };

function answer(body: unknown, status = 200, headers: Record<string, string> = {}): HttpResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { url: 'https://login.example/token', status, headers: new Headers(headers), body: utf8(text) };
}

async function refusalOf(response: HttpResponse): Promise<TokenRefusedError> {
  try {
    await readTokenResponse(response, 'request token', times);
  } catch (thrown) {
    if (thrown instanceof TokenRefusedError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was refused');
}

describe('readTokenResponse reads', () => {
  const hour = sentAt + 3599_000;
  test.each([
    ['what the v2 endpoint writes', { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599 }, hour, undefined],
    [
      'what the v1 endpoint writes, all strings',
      { token_type: 'Bearer', expires_in: '3599', expires_on: '1622089429', resource: 'https://r.example' },
      hour,
      undefined,
    ],
    ['a token type in lower case', { token_type: 'bearer', expires_in: 3599 }, hour, undefined],
    ['an answer without a token type', { expires_in: 3599 }, hour, undefined],
    ['a moment instead of a lifetime', { expires_on: String(sentAt / 1000 + 60) }, sentAt + 60_000, undefined],
    ['when to renew', { expires_in: 86_399, refresh_in: 43_199 }, sentAt + 86_399_000, sentAt + 43_199_000],
    ['a lifetime that is nonsense as none', { expires_in: 'soon' }, sentAt, undefined],
    ['a negative lifetime as none', { expires_in: -5 }, sentAt, undefined],
    ['no lifetime at all', {}, sentAt, undefined],
  ])('%s', async (_, body, expiresOn, refreshOn) => {
    expect(await readTokenResponse(answer({ access_token: 'a.b.c', ...body }), 'request token', times)).toEqual({
      accessToken: 'a.b.c',
      tokenType: 'Bearer',
      expiresOn,
      refreshOn,
    });
  });
});

describe('readTokenResponse refuses', () => {
  test.each([
    ['an answer without a token', { token_type: 'Bearer' }, 'RESPONSE_WITHOUT_TOKEN', 'without an access token'],
    ['an empty token', { access_token: '' }, 'RESPONSE_WITHOUT_TOKEN', 'without an access token'],
    ['a token that is not text', { access_token: 7 }, 'RESPONSE_WITHOUT_TOKEN', 'without an access token'],
    ['a token with a line break', { access_token: 's3cret\nX: y' }, 'RESPONSE_UNEXPECTED', 'characters'],
    ['a token of another type', { access_token: 's3cret', token_type: 'DPoP' }, 'RESPONSE_UNEXPECTED', 'type DPoP'],
    ['a page', '<html>s3cret</html>', 'RESPONSE_NOT_JSON', 'an HTML page'],
    ['an empty answer', '', 'RESPONSE_NOT_JSON', 'an empty body'],
    ['a list', ['s3cret'], 'RESPONSE_UNEXPECTED', 'not an object'],
  ])('%s', async (_, body, code, message) => {
    const refused: unknown = await readTokenResponse(answer(body), 'request token', times).catch((thrown) => thrown);
    expect(refused).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(String(refused)).not.toMatch(/s3cret/);
  });

  test('an error under the status 200', async () => {
    const error = await refusalOf(answer({ error: 'invalid_client', error_description: 'No.' }));
    expect(error).toMatchObject({ code: 'TOKEN_REFUSED', status: 200, error: 'invalid_client', description: 'No.' });
  });
});

describe('TokenRefusedError tells what Entra ID said', () => {
  const trace = '81beda46-f15d-4a3e-9d2c-3a5f6f1c0a00';
  const correlation = '0d2c2d5a-5a6b-4b0e-8f8e-2b8d9a0c1d2e';
  const sentence = 'AADSTS700027: The certificate is not registered. [Reason - The key was not found.]';
  const body = {
    error: 'invalid_client',
    error_codes: [700027],
    timestamp: '2026-01-02 08:23:17Z',
    trace_id: trace,
    correlation_id: correlation,
    error_uri: 'https://login.example/error?code=700027',
  };
  test.each([
    ['[Reason - The key was not found.]', 'Compare the thumbprint'],
    ['[Reason - The key used is expired.]', 'dates'],
    ['[Reason - The provided signature value did not match the expected signature value.]', 'private key belongs'],
    ['[Reason - Key was found, but use of the key to verify the signature failed.]', 'private key belongs'],
    ['Invalid JWT token. Unsupported asymmetric signing algorithm.', 'RSA key'],
  ])('and what to do about each mistake that 700027 stands for: %s', async (reason, fix) => {
    const error_description = `AADSTS700027: The client assertion does not hold. ${reason} Trace ID: ${trace}`;
    expect((await refusalOf(answer({ ...body, error_description }, 401))).fix).toContain(fix);
  });

  test.each([
    ['on lines of their own', '\r\n'],
    ['after single spaces', ' '],
  ])('with its identifiers %s', async (_, separator) => {
    const error_description = [
      sentence,
      `Trace ID: ${trace}`,
      `Correlation ID: ${correlation}`,
      'Timestamp: 2026-01-02 08:23:17Z',
    ].join(separator);
    const expected = {
      code: 'TOKEN_REFUSED',
      status: 401,
      error: 'invalid_client',
      description: sentence,
      errorCodes: [700027],
      aadsts: 'AADSTS700027',
      traceId: trace,
      correlationId: correlation,
      timestamp: '2026-01-02 08:23:17Z',
    };
    expect(await refusalOf(answer({ ...body, error_description }, 401))).toMatchObject(expected);
    // Through a gateway that keeps the two members of RFC 6749 alone.
    expect(await refusalOf(answer({ error: 'invalid_client', error_description }, 401))).toMatchObject(expected);
  });

  test('in one line that a person can act on', async () => {
    const error = await refusalOf(answer({ ...body, error_description: `${sentence}\r\nTrace ID: ${trace}` }, 401));
    expect(error.message).toBe(`request token: login.example refused with invalid_client (401): ${sentence}`);
    expect(error.fix).toContain('certgrant cert inspect');
  });

  test('with what it means and what it can come from', async () => {
    const error_description = `${sentence}\r\nTrace ID: ${trace}`;
    const { explanation, fix } = await refusalOf(answer({ ...body, error_description }, 401));
    expect(explanation).toMatchObject({
      code: 'AADSTS700027',
      known: true,
      facts: { error: 'invalid_client', traceId: trace, correlationId: correlation },
    });
    expect(explanation?.causes[0]).toMatchObject({ id: 'certificate-not-registered', likelihood: 'likely', fix });
  });

  test('with the cause that the sent assertion and certificate show', async () => {
    const { certificate } = await makeCredential('P-256');
    const response = answer({ ...body, error_description: sentence.replace('The key was not found.', '') }, 401);
    const thrown: unknown = await readTokenResponse(response, 'request token', times, { certificate }).catch(
      (refused: unknown) => refused,
    );
    expect((thrown as TokenRefusedError).explanation?.causes[0]).toMatchObject({
      id: 'algorithm-not-supported',
      likelihood: 'certain',
    });
  });

  test("with how far the server's clock is from this machine's", async () => {
    const error_description =
      'AADSTS700024: It is outside its range. Current time: 2026-01-02T00:34:05.0000000Z, assertion valid from 1970-01-01T00:00:00.0000000Z, expiry time of assertion 2026-01-02T00:10:00.0000000Z.';
    const { explanation } = await refusalOf(answer({ error: 'invalid_client', error_description }, 401));
    expect(explanation?.facts.clockSkew).toBe("the server's clock is 34 minutes ahead of this machine's");
    expect(explanation?.causes[0]).toMatchObject({ id: 'clock-behind', likelihood: 'certain' });
  });

  test('with a number that is not known: the next step by the OAuth error beside it', async () => {
    const error_description = `AADSTS999999: Something new. Trace ID: ${trace}`;
    const { explanation, fix } = await refusalOf(answer({ error: 'invalid_scope', error_description }, 400));
    expect(explanation).toMatchObject({ code: 'AADSTS999999', known: false, causes: [] });
    expect(fix).toContain('scope');
  });

  test('with the inner one of two nested codes', async () => {
    const error_description = 'AADSTS70002: Error validating credentials. AADSTS50012: Client assertion is wrong.';
    const error = await refusalOf(
      answer({ error: 'invalid_client', error_description, error_codes: [70002, 50012] }, 401),
    );
    expect(error.errorCodes).toEqual([70002, 50012]);
    expect(error.aadsts).toBe('AADSTS50012');
    expect(error.explanation?.code).toBe('AADSTS50012');
  });

  test('with the claims challenge and the sub-error of Conditional Access', async () => {
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}';
    const error = await refusalOf(answer({ error: 'interaction_required', suberror: 'basic_action', claims }, 400));
    expect(error).toMatchObject({ claims, suberror: 'basic_action' });
  });

  test('and nothing that looks like a token or commands a terminal', async () => {
    const error_description = `Bad assertion eyJhbGciOiJQUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl \u001b[2J\u202egnp\u0000`;
    const error = await refusalOf(answer({ error: 'invalid_client', error_description }, 400));
    expect(error.message).toContain('Bad assertion [a JWT, masked] [2J');
    expect(JSON.stringify([error, error.message])).not.toMatch(/eyJ|\\u|\u202e/);
  });
});

describe('TokenRefusedError survives', () => {
  test.each([
    ['an empty 403', answer('', 403), 'answered 403 with an empty body and without an OAuth error', /firewall/],
    ['an HTML 500', answer('<html>x</html>', 500), 'answered 500 with an HTML page', /Try again later/],
    [
      'a 415 without an error',
      answer({ message: 'Unsupported' }, 415, { 'content-type': 'application/json' }),
      'answered 415 with content of type application/json',
      /URL/,
    ],
    ['invalid_client with 400', answer({ error: 'invalid_client' }, 400), 'invalid_client (400)', /registered/],
    ['a 429', answer('', 429, { 'retry-after': '17' }), 'answered 429', /in 17 s/],
    ['an error that is not text', answer({ error: { message: 'x' } }, 400), 'without an OAuth error', /URL/],
  ])('%s', async (_, response, message, fix) => {
    const error = await refusalOf(response);
    expect(error.message).toContain(message);
    expect(error.fix).toMatch(fix);
    expect(error.status).toBe(response.status);
  });
});

test('readTokenResponse ends every answer in a token or a typed error', async () => {
  const member = fc.constantFrom(
    'access_token',
    'token_type',
    'expires_in',
    'error',
    'error_description',
    'error_codes',
  );
  const body = fc.oneof(fc.dictionary(member, fc.jsonValue()), fc.jsonValue(), fc.string());
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom(200, 201, 400, 401, 429, 500), async (value, status) => {
      try {
        const { accessToken } = await readTokenResponse(answer(value, status), 'request token', times);
        expect(accessToken).toMatch(/^[\x21-\x7e]+$/);
      } catch (thrown) {
        if (!isCertgrantError(thrown)) throw thrown;
        expect(thrown.message).not.toMatch(/[\r\n]/);
      }
    }),
  );
});
