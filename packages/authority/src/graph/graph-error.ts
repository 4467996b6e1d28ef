import { isCertgrantError } from '@certgrant/core';
import { DirectoryError } from '../directory/directory-error.ts';

/** Ends a request to Graph; the body that it becomes is the one of Microsoft Graph. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 500 | 507;
  readonly code: string;
  /** What Microsoft Graph would not tell. */
  readonly details: readonly ErrorDetail[] | undefined;

  constructor(
    status: GraphError['status'],
    code: string,
    message: string,
    { cause, details }: { readonly cause?: unknown; readonly details?: readonly ErrorDetail[] } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** One reason behind an error, in the form that OData has for it. */
export interface ErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly target: string;
}

/** The request says something that cannot be done. */
export function badRequest(message: string, cause?: unknown): GraphError {
  return new GraphError(400, 'Request_BadRequest', message, { cause });
}

/** There is nothing with this id. */
export function notFound(id: string): GraphError {
  const message = `Resource '${id.slice(0, 200)}' does not exist or one of its queried reference-property objects are not present.`;
  return new GraphError(404, 'Request_ResourceNotFound', message);
}

/** The caller's token does not permit it. */
export function forbidden(): GraphError {
  return new GraphError(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}

/** The caller's token is missing or not good. */
export function unauthenticated(message: string): GraphError {
  return new GraphError(401, 'InvalidAuthenticationToken', message);
}

/** Whatever is wrong with a proof of possession, Graph's answer is the same; what it is stands in the details. */
export function unproven(fault: {
  readonly name: string;
  readonly message: string;
  readonly expected?: string | undefined;
  readonly received?: string | undefined;
}): GraphError {
  const { name, message, expected, received } = fault;
  const more = [expected && `expected ${expected}`, received && `received ${received}`].filter(Boolean).join(', ');
  const detail = { code: name, message: more === '' ? message : `${message} (${more})`, target: 'proof' };
  const options = { details: [detail] };
  return new GraphError(401, 'Authentication_MissingOrMalformed', 'Access Token missing or malformed.', options);
}

/** What the directory or its store refused, in Graph's words; everything else stays what it is. */
export function asGraphError(thrown: unknown): unknown {
  if (isCertgrantError(thrown) && thrown.code === 'FILE_NOT_WRITABLE') {
    const message = 'Insufficient storage: the change could not be kept. The log of the authority says why.';
    return new GraphError(507, 'InsufficientStorage', message, { cause: thrown });
  }
  if (!(thrown instanceof DirectoryError)) return thrown;
  if (thrown.fault === 'not-found') return notFound(thrown.message);
  if (thrown.fault === 'conflict') {
    return new GraphError(400, 'Request_MultipleObjectsWithSameKeyValue', thrown.message, { cause: thrown });
  }
  return badRequest(thrown.message, thrown);
}
