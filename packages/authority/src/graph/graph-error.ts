import { DirectoryError } from '../directory/directory-error.ts';

/** Ends a request to Graph; the body that it becomes is the one of Microsoft Graph. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 500;
  readonly code: string;

  constructor(status: GraphError['status'], code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.code = code;
  }
}

/** The request says something that cannot be done. */
export function badRequest(message: string, cause?: unknown): GraphError {
  return new GraphError(400, 'Request_BadRequest', message, cause);
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

/** What the directory refused, in Graph's words; everything else stays what it is. */
export function asGraphError(thrown: unknown): unknown {
  if (!(thrown instanceof DirectoryError)) return thrown;
  if (thrown.fault === 'not-found') return notFound(thrown.message);
  if (thrown.fault === 'conflict') {
    return new GraphError(400, 'Request_MultipleObjectsWithSameKeyValue', thrown.message, thrown);
  }
  return badRequest(thrown.message, thrown);
}
