import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Credential } from '../../src/keyfile/credential.ts';
import { maskText, type TraceEvent } from '../../src/token/trace.ts';
import { makeCredential } from './support/certificates.ts';
import { assertionOf, clientId, entraClient, scope, sendToken, tenant } from './support/client.ts';
import { TestClock } from './support/clock.ts';
import { type Handler, sendJson, startServer, type TestServer } from './support/server.ts';

const accessToken = 'eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';
let credential: Credential;
const open: TestServer[] = [];

beforeAll(async () => {
  credential = await makeCredential();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function trace(handler: Handler): Promise<{ server: TestServer; events: readonly TraceEvent[] }> {
  const server = await startServer(handler);
  open.push(server);
  const events: TraceEvent[] = [];
  const client = entraClient(server.url, credential, new TestClock(), { attempts: 1, trace: (e) => events.push(e) });
  await client.getToken({ scope }).catch(() => {});
  return { server, events };
}

test('trace is told of the request and the answer, with the secrets masked', async () => {
  const { server, events } = await trace((_, response) => {
    response.setHeader('set-cookie', 'fpc=s3cret');
    sendToken(response, accessToken, { refresh_token: 's3cret', nested: { id_token: 's3cret' }, echo: [accessToken] });
  });
  const [received] = server.requests;
  if (received === undefined) throw new Error('no request');
  const { jwt } = assertionOf(received);
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  expect(events).toEqual([
    {
      type: 'request',
      method: 'POST',
      url: `${server.url}/${tenant}/oauth2/v2.0/token`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      form: {
        grant_type: 'client_credentials',
        client_id: clientId,
        scope,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: `${header}.[payload of ${payload.length} characters, signature left out]`,
      },
    },
    {
      type: 'response',
      url: `${server.url}/${tenant}/oauth2/v2.0/token`,
      status: 200,
      headers: expect.objectContaining({ 'content-type': 'application/json', 'set-cookie': '[masked]' }),
      body: {
        token_type: 'Bearer',
        expires_in: 3599,
        access_token: `[${accessToken.length} characters]`,
        refresh_token: '[6 characters]',
        nested: { id_token: '[6 characters]' },
        echo: ['[a JWT, masked]'],
      },
      duration: 0,
    },
  ]);
  const told = JSON.stringify(events);
  for (const secret of [payload, signature, accessToken, 's3cret']) expect(told).not.toContain(secret);
});

test('trace is told what kind of answer it was when it is not JSON', async () => {
  const { events } = await trace((_, response) => response.writeHead(502).end('<html>s3cret</html>'));
  expect(events[1]).toMatchObject({ type: 'response', status: 502, body: 'an HTML page' });
});

test('trace shows what a refusal says', async () => {
  const error_description = `AADSTS50027: no good: ${accessToken}`;
  const { events } = await trace((_, response) =>
    sendJson(response, 400, { error: 'invalid_request', error_description }),
  );
  expect(events[1]).toMatchObject({
    body: { error: 'invalid_request', error_description: 'AADSTS50027: no good: [a JWT, masked]' },
  });
});

test('trace is told that no answer came', async () => {
  const { server, events } = await trace((_, response) => response.destroy());
  expect(events[1]).toEqual({
    type: 'failure',
    url: `${server.url}/${tenant}/oauth2/v2.0/token`,
    message: expect.stringContaining('closed the connection'),
    duration: 0,
  });
});

test.each([
  ['nothing here', 'nothing here'],
  [`Bearer ${accessToken}`, 'Bearer [a JWT, masked]'],
  ['eyJhbGciOiJub25lIn0.eyJhIjoxfQ.', '[a JWT, masked]'],
  ['eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn', '[a JWT, masked]'],
])('maskText turns %j into %j', (text, expected) => {
  expect(maskText(text)).toBe(expected);
});
