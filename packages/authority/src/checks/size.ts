import { type EntraError, entraError } from '../entra-error.ts';

/** How long the body of a request may be, in bytes. */
export const largestBody: number = 1024 * 1024;

/** An assertion fits into a request. */
export function checkSize(bytes: number): EntraError | undefined {
  return bytes <= largestBody ? undefined : tooLarge();
}

/** The body of a request is larger than {@link largestBody}. */
export function tooLarge(): EntraError {
  const message = `Invalid request. Request is malformed or invalid: the body is larger than ${largestBody} bytes.`;
  return entraError(9002313, message, { status: 413 });
}
