import { readParameters } from '../checks/parameters.ts';
import { oauthErrorOf } from '../entra-error.ts';
import { graphErrorAnswer } from '../graph/answer.ts';
import { type Answer, type AnswerableError, answerOf, errorAnswer } from '../http/answer.ts';
import { Exchange } from '../http/exchange.ts';
import type { ReceivedRequest } from '../http/received-request.ts';
import type { Services } from '../services.ts';
import type { ActiveFault, FaultTarget } from './faults.ts';

/** What a request that meets a fault comes to: an answer, no answer at all, or nothing out of the ordinary. */
export type Met = Answer | 'dropped' | undefined;

/** A request to an endpoint, as far as faults go by it. */
export interface Endangered {
  readonly request: ReceivedRequest;
  readonly target: FaultTarget;
  /** Of a token request. */
  readonly signIn?: { readonly version: 1 | 2; readonly tenantName: string };
}

/** Has a request meet the first fault that is for it. */
export async function meetFault(endangered: Endangered, services: Services): Promise<Met> {
  const { faults, requests } = services.controls;
  const { request, target, signIn } = endangered;
  const fault = faults.take(target);
  if (fault === undefined) return undefined;
  // A request that waits or fails has been received all the same.
  const body = await request.text();
  requests.add(request);
  await faults.wait(fault);
  const error = errorOf(fault);
  if (error === undefined && !fault.drop) return undefined;
  const parameters = signIn === undefined ? undefined : readParameters(body ?? '');
  const form = parameters !== undefined && 'value' in parameters ? parameters.value : {};
  const exchange = new Exchange(request, services.platform, form['client-request-id']);
  request.exchange = exchange;
  if (signIn !== undefined) {
    const refused = error === undefined ? {} : { refused: error };
    request.signIn = { ...signIn, clientId: form.client_id, fault: fault.id, ...refused };
  }
  if (error === undefined) return 'dropped';
  const answer = target === 'graph' ? await answerOf(graphAnswer(error, exchange)) : errorAnswer(error, exchange);
  return withRetryAfter(answer, fault);
}

/** What Entra ID answers with a status, where the fault names no code of its own. */
function codeOf(status: number): number {
  if (status === 429) return 90055;
  return status >= 500 ? 90033 : 90023;
}

function errorOf({ id, aadsts, status, error }: ActiveFault): AnswerableError | undefined {
  if (aadsts === undefined && status === undefined) return undefined;
  const code = aadsts ?? codeOf(status ?? 500);
  const name =
    error ?? oauthErrorOf(code) ?? (code === 90055 || code === 90033 ? 'temporarily_unavailable' : 'invalid_request');
  return {
    code,
    error: name,
    status: status ?? (name === 'invalid_client' ? 401 : 400),
    message: `A test has ordered this answer. [fault ${id}]`,
  };
}

function withRetryAfter(answer: Answer, { retryAfter }: ActiveFault): Answer {
  if (retryAfter === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, 'Retry-After': String(retryAfter) } };
}

const graphCodes: Readonly<Record<number, string>> = {
  401: 'InvalidAuthenticationToken',
  403: 'Authorization_RequestDenied',
  404: 'Request_ResourceNotFound',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
};

function graphAnswer({ status, message }: AnswerableError, exchange: Exchange): Response {
  return graphErrorAnswer({ status, code: graphCodes[status] ?? 'BadRequest', message }, exchange);
}
