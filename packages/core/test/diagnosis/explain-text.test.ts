import { describe, expect, test } from 'vitest';
import { explainText } from '../../src/diagnosis/explain.ts';
import { appId, correlationId, tenantId, timestamp, traceId } from './support/evidence.ts';

const thumbprint = '41868580'.repeat(5);
const message =
  'AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on application. ' +
  `[Reason - The key was not found., Thumbprint of key used by client: '${thumbprint}', ` +
  `Please visit the portal to see configured keys for app Id '${appId}'. Review the documentation.]`;
const lines = [message, `Trace ID: ${traceId}`, `Correlation ID: ${correlationId}`, `Timestamp: ${timestamp}`];
const classic = lines.join('\r\n');
const modern = lines.join(' ');
const body = {
  error: 'invalid_client',
  error_description: classic,
  error_codes: [700027],
  timestamp,
  trace_id: traceId,
  correlation_id: correlationId,
  error_uri: 'https://login.microsoftonline.com/error?code=700027',
};
const json = JSON.stringify(body);
const colour = (text: string): string => `\u001b[31m${text}\u001b[0m`;

/** Words on lines of at most 76 characters behind a bar, as Terraform draws an error. */
function boxed(text: string): string {
  const rows: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = rows.pop() ?? '';
    rows.push(...(last.length + word.length > 76 ? [last, word] : [`${last} ${word}`.trim()]));
  }
  return ['╷', `│ ${colour('Error:')} building account`, '│', ...rows.map((row) => `│ ${row}`), '╵'].join('\n');
}

const forms: readonly (readonly [name: string, text: string])[] = [
  ['the answer of the token endpoint', json],
  ['the answer, laid out', JSON.stringify(body, null, 2)],
  ['the answer with its members in another order', JSON.stringify(Object.fromEntries(Object.entries(body).reverse()))],
  ['the answer inside a JSON log, escaped', JSON.stringify({ level: 'error', response: json })],
  ['the answer, escaped twice', JSON.stringify({ log: JSON.stringify({ response: json }) })],
  ['the message with single spaces', modern],
  [
    'an exception of MSAL Node',
    `ServerError: invalid_client: Error(s): 700027 - Timestamp: ${timestamp} - Description: ${message} - Correlation ID: ${correlationId} - Trace ID: ${traceId}\n    at ResponseHandler.validateTokenResponse (/app/node_modules/@azure/msal-node/lib/msal-node.cjs:5391:33)`,
  ],
  [
    'an exception of MSAL Node as console.error prints it',
    `ServerError: invalid_client: Error(s): 700027 - Timestamp: ${timestamp} - Description: ${message} - Correlation ID: ${correlationId} - Trace ID: ${traceId}\n    at f (file.js:1:1) {\n  errorCode: 'invalid_client',\n  errorMessage: "Error(s): 700027 - Timestamp: ${timestamp} - Description: ${message} - Correlation ID: ${correlationId} - Trace ID: ${traceId}",\n  subError: '',\n  errorNo: '700027',\n  status: 401\n}`,
  ],
  [
    'the dictionary of MSAL Python',
    `{'error': 'invalid_client', 'error_description': "${classic.replaceAll('\r\n', '\\r\\n')}", 'error_codes': [700027], 'timestamp': '${timestamp}', 'trace_id': '${traceId}', 'correlation_id': '${correlationId}', 'error_uri': 'https://login.microsoftonline.com/error?code=700027'}`,
  ],
  [
    'an exception of azure-identity for Python',
    `azure.core.exceptions.ClientAuthenticationError: Authentication failed: ${modern}\nContent: ${json}`,
  ],
  [
    'an error of MSAL Go',
    `http call(https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token)(POST) error: reply status code was 401:\n${json}`,
  ],
  [
    'an error of azidentity for Go',
    `ClientCertificateCredential authentication failed\nPOST https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token\n${'-'.repeat(80)}\nRESPONSE 401 Unauthorized\n${'-'.repeat(80)}\n${JSON.stringify(body, null, 2)}\n${'-'.repeat(80)}\nTo troubleshoot, visit https://aka.ms/azsdk/go/identity/troubleshoot#client-cert`,
  ],
  [
    'an exception of MSAL .NET',
    `Unhandled exception. MSAL.NetCore.4.66.0.0.MsalServiceException:\n\tErrorCode: invalid_client\nMicrosoft.Identity.Client.MsalServiceException: A configuration issue is preventing authentication - check the error message from the server for details. Original exception: ${classic}\n   at Microsoft.Identity.Client.Internal.Requests.RequestBase.HandleTokenRefreshErrorAsync()\n\tStatusCode: 401\n\tResponseBody: ${json}\n\tHeaders: Cache-Control: no-store`,
  ],
  ['the Azure CLI', `${colour(`ERROR: ${modern}`)}\nInteractive authentication is needed. Please run:\naz login`],
  ['Terraform azuread', boxed(`clientCredentialsToken: received HTTP status 401 with response: ${json}`)],
  [
    'Terraform, with the message broken between words',
    boxed(`Error: building client: unable to obtain access token: authenticating: ${modern}`),
  ],
  [
    'the azure/login action',
    `2026-06-01T12:00:01.1234567Z ##[error]AADSTS700027: ${modern.slice(14)}\n2026-06-01T12:00:01.2234567Z ##[error]Login failed with Error: The process '/usr/bin/az' failed with exit code 1.`,
  ],
  [
    'the address that a browser is sent back to',
    `https://app.example/cb?error=invalid_client&error_description=${encodeURIComponent(classic).replaceAll('%20', '+')}&state=1`,
  ],
  ['an error page in HTML', `<p>Message: ${modern.replaceAll("'", '&#39;')}</p>`],
  ['a page of Markdown mail', modern.replaceAll(/(.{70}\S*) /g, '$1\n').replaceAll(/^/gm, '> ')],
  [
    'what certgrant itself prints',
    `error: request token: login.example refused with invalid_client (401): ${modern.replace(/ Trace ID.*/, '')}\ncause: likely: x\nhint: y`,
  ],
];

describe('explainText finds the code and its fragments in', () => {
  test.each(forms)('%s', async (name, text) => {
    const explanations = await explainText(text);
    expect(explanations.map(({ code }) => code)).toEqual(['AADSTS700027']);
    const [{ facts, causes } = { facts: {}, causes: [] }] = explanations;
    expect(facts).toMatchObject({ thumbprint, applicationId: appId });
    expect(causes.map(({ id }) => id)).not.toContain('private-key-mismatch');
    if (!name.includes('certgrant')) expect(facts).toMatchObject({ correlationId, traceId, timestamp });
  });

  test.each([
    ['the look-up page', 'https://login.microsoftonline.com/error?code=700027'],
    ['an address with other parameters', 'https://x.example/?a=1&code=700027#frag'],
    ["the answer's numbers alone", '{"error_codes":[700027]}'],
    ['several codes, typed', '700027, 700027'],
    ['a code that a terminal broke', 'ERROR: AADSTS7000\n27: The certificate is not registered'],
  ])('%s', async (_, text) => {
    expect((await explainText(text)).map(({ code }) => code)).toEqual(['AADSTS700027']);
  });

  test('nested codes, and gives both what stands behind them', async () => {
    const nested = `AADSTS70002: Error validating credentials. AADSTS50012: Client assertion contains an invalid signature. Trace ID: ${traceId}`;
    const explanations = await explainText(nested);
    expect(explanations).toMatchObject([
      { code: 'AADSTS70002', facts: { message: 'Error validating credentials.', traceId } },
      { code: 'AADSTS50012', facts: { message: 'Client assertion contains an invalid signature.', traceId } },
    ]);
  });

  test('a log with several errors: each once, with its own fragments, and how often it was met', async () => {
    const other = `AADSTS700016: Application with identifier 'b0d5a1c2-9f3e-4a77-8c1d-2e3f4a5b6c7d' was not found in the directory 'contoso.com'. Trace ID: 11111111-2222-3333-4444-555555555555`;
    const log = [
      `2026-06-01 12:00:00 INFO  starting, process 700024`,
      `2026-06-01 12:00:01 ERROR ${modern}`,
      `2026-06-01 12:00:02 ERROR ${other}`,
      `2026-06-01 12:00:03 ERROR ${modern}`,
      `2026-06-01 12:00:04 INFO  stopping`,
    ].join('\n');
    expect(await explainText(log)).toMatchObject([
      { code: 'AADSTS700027', facts: { thumbprint, traceId, occurrences: 2 } },
      {
        code: 'AADSTS700016',
        facts: { tenant: 'contoso.com', applicationId: 'b0d5a1c2-9f3e-4a77-8c1d-2e3f4a5b6c7d' },
      },
    ]);
  });

  test('two mistakes of one code, told apart', async () => {
    const expired = modern.replace('The key was not found.', 'The key used is expired.');
    const firsts = (await explainText(`${modern}\n${expired}`)).map(({ causes }) => causes[0]?.id);
    expect(firsts).toEqual(['certificate-not-registered', 'certificate-expired']);
  });

  test('an OAuth error of another server by its name, with what the server said', async () => {
    const answer = { error: 'invalid_client', error_description: 'Unknown client or no auth.' };
    expect(await explainText(JSON.stringify(answer))).toMatchObject([
      { code: 'invalid_client', known: true, facts: { message: 'Unknown client or no auth.' } },
    ]);
  });

  test('an error of Microsoft Graph', async () => {
    const answer = {
      error: { code: 'Authentication_MissingOrMalformed', message: 'Access Token missing or malformed.' },
    };
    expect(await explainText(JSON.stringify(answer))).toMatchObject([
      { code: 'Authentication_MissingOrMalformed', facts: { message: 'Access Token missing or malformed.' } },
    ]);
  });

  test('a code that it does not know, which it says, with what the text tells', async () => {
    const [explanation] = await explainText(
      `AADSTS999991: Something new in tenant 'contoso.com'. Trace ID: ${traceId}`,
    );
    expect(explanation).toMatchObject({
      code: 'AADSTS999991',
      known: false,
      causes: [],
      facts: { message: "Something new in tenant 'contoso.com'.", tenant: 'contoso.com', traceId },
      sources: ['https://login.microsoftonline.com/error?code=999991'],
    });
    expect((await explainText('70027'))[0]?.facts.similarCodes).toContain('AADSTS700027');
  });

  test('nothing where there is none', async () => {
    const texts = [
      '',
      'hello',
      'process 700027 ended',
      'order=700027',
      '2026-06-01 12:00:00',
      '%3a',
      'AADSTS',
      'AADSTS1234567890',
    ];
    expect(await Promise.all(texts.map((text) => explainText(text)))).toEqual(texts.map(() => []));
  });
});

describe('explainText reads', () => {
  const times = (current: string, from: string, until: string): string =>
    `AADSTS700024: Client assertion is not within its valid time range. Current time: ${current}, assertion valid from ${from}, expiry time of assertion ${until}. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials . ${lines.slice(1).join(' ')}`;

  test("the server's clock against the assertion's range, and says the skew in words", async () => {
    const text = times('2024-10-02T22:05:03.6755165Z', '1970-01-01T00:00:00.0000000Z', '2024-10-02T21:30:53.0000000Z');
    const [explanation] = await explainText(text);
    expect(explanation?.facts).toMatchObject({
      serverTime: '2024-10-02T22:05:03.675Z',
      validUntil: '2024-10-02T21:30:53.000Z',
      clockSkew: "the server's clock is 34 minutes ahead of the assertion's end",
    });
    expect(explanation?.facts).not.toHaveProperty('validFrom');
  });

  test('an assertion that begins later', async () => {
    const text = times('2026-06-01T12:00:00.0000000Z', '2026-06-01T14:00:00.0000000Z', '2026-06-01T14:10:00.0000000Z');
    expect((await explainText(text))[0]?.facts).toMatchObject({
      validFrom: '2026-06-01T14:00:00.000Z',
      clockSkew: "the server's clock is 2 hours behind the assertion's beginning",
    });
  });

  test("this machine's clock, when that is known", async () => {
    const text = times('2026-06-01T12:00:00.0000000Z', '1970-01-01T00:00:00.0000000Z', '2026-06-01T11:50:00.0000000Z');
    const skew = async (localTime: number): Promise<unknown> =>
      (await explainText(text, { localTime }))[0]?.facts.clockSkew;
    expect(await skew(Date.UTC(2026, 5, 1, 11, 26))).toBe("the server's clock is 34 minutes ahead of this machine's");
    expect(await skew(Date.UTC(2026, 5, 1, 12, 26))).toBe("the server's clock is 26 minutes behind this machine's");
    expect(await skew(Date.UTC(2026, 5, 1, 12))).toBe("the server's clock and this machine's agree");
  });

  test('identifiers and thumbprints that a terminal broke at its edge', async () => {
    const at = (text: string, part: string, offset: number): string => {
      const place = text.indexOf(part) + offset;
      return `${text.slice(0, place)}\n${text.slice(place)}`;
    };
    for (const part of [thumbprint, appId, traceId, correlationId]) {
      for (const offset of [5, 13, 24, 30]) {
        const [explanation] = await explainText(at(modern, part, offset));
        expect(explanation?.facts).toMatchObject({
          thumbprint,
          applicationId: appId,
          traceId,
          correlationId,
          timestamp,
        });
      }
    }
  });

  test("the key's dates", async () => {
    const text = `AADSTS700027: It is expired. [Reason - The key used is expired., Found key 'Start=06/29/2021 21:13:15, End=06/29/2023 21:13:15', Please visit]`;
    expect((await explainText(text))[0]?.facts).toMatchObject({
      keyStart: '2021-06-29T21:13:15.000Z',
      keyEnd: '2023-06-29T21:13:15.000Z',
    });
  });

  test('resource, scope and tenant', async () => {
    const [resource] = await explainText(
      `AADSTS500011: The resource principal named https://api.example/x was not found in the tenant named Contoso. This can happen`,
    );
    expect(resource?.facts).toMatchObject({ resource: 'https://api.example/x', tenant: 'Contoso' });
    const [scope] = await explainText('AADSTS1002012: The provided value for scope User.Read is not valid. Client');
    expect(scope?.facts).toMatchObject({ scope: 'User.Read' });
  });

  test('no date that is none', async () => {
    const text = `AADSTS700027: x [Found key 'Start=99/99/2021 21:13:15, End=13/45/2023 99:13:15', y] Timestamp: 2026-99-99 12:00:00Z`;
    const [explanation] = await explainText(text);
    expect(explanation?.facts).not.toHaveProperty('keyStart');
    expect(explanation?.causes.length).toBeGreaterThan(0);
  });
});
