import type { ServerResponse } from 'node:http';
import type { Credential } from '../../../src/keyfile/credential.ts';
import { TokenClient } from '../../../src/token/token-client.ts';
import type { TokenClientOptions } from '../../../src/token/token-client-options.ts';
import type { TestClock } from './clock.ts';
import { type ReceivedRequest, sendJson } from './server.ts';

export const tenant = '6babcaad-604b-40ac-a9d7-9fd97c0b779f';
export const clientId = '11112222-3333-4444-5555-666677778888';
export const scope = 'https://api.example/.default';

/** Tells a wait between two attempts from the limit of one request. */
export const requestTimeout = 7777;

export function entraClient(
  authority: string,
  credential: Credential,
  clock: TestClock,
  options: Partial<TokenClientOptions> = {},
): TokenClient {
  return new TokenClient({
    authority,
    tenant,
    clientId,
    credential,
    timeout: requestTimeout,
    ...options,
    platform: { now: clock.now, delay: clock.delay, ...options.platform },
  });
}

export function sendToken(response: ServerResponse, accessToken: string, more: object = {}): void {
  sendJson(response, 200, { token_type: 'Bearer', expires_in: 3599, access_token: accessToken, ...more });
}

/** The assertion of a request, decoded. */
export function assertionOf({ form }: ReceivedRequest): {
  jwt: string;
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
} {
  const jwt = form.get('client_assertion') ?? '';
  const [header, claims] = jwt
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>);
  return { jwt, header: header ?? {}, claims: claims ?? {} };
}
