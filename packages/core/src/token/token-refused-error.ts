import type { Explanation } from '../diagnosis/explanation.ts';
import { CertgrantError } from '../errors.ts';

/** What an authority said when it refused a token. Nothing of it is more than the server's word. */
export interface Refusal {
  /** The HTTP status. */
  readonly status: number;
  /** `error` of the answer (RFC 6749 §5.2); `undefined` when the answer was no OAuth error. */
  readonly error: string | undefined;
  /** `error_description` without the identifiers that Entra ID appends to it. */
  readonly description: string | undefined;
  readonly suberror: string | undefined;
  /** Every AADSTS number of the answer, the outermost first. */
  readonly errorCodes: readonly number[];
  /** The one that says most, as people search for it: `AADSTS700027`. */
  readonly aadsts: string | undefined;
  readonly correlationId: string | undefined;
  readonly traceId: string | undefined;
  /** When the server says it was, as it writes it. */
  readonly timestamp: string | undefined;
  /** The claims request to send with the next attempt (a claims challenge). */
  readonly claims: string | undefined;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfter: number | undefined;
}

/** The authority answered, and the answer was no. */
export class TokenRefusedError extends CertgrantError implements Refusal {
  override readonly name: string = 'TokenRefusedError';
  readonly status: number;
  readonly error: string | undefined;
  readonly description: string | undefined;
  readonly suberror: string | undefined;
  readonly errorCodes: readonly number[];
  readonly aadsts: string | undefined;
  readonly correlationId: string | undefined;
  readonly traceId: string | undefined;
  readonly timestamp: string | undefined;
  readonly claims: string | undefined;
  readonly retryAfter: number | undefined;
  /** What the error means and its causes, the most likely first; `undefined` when the answer was no OAuth error. */
  readonly explanation: Explanation | undefined;

  /** @param cause what else failed, such as reading a newer certificate */
  constructor(message: string, fix: string, refusal: Refusal, explanation?: Explanation | undefined, cause?: unknown) {
    super('TOKEN_REFUSED', message, { fix, ...(cause === undefined ? {} : { cause }) });
    this.status = refusal.status;
    this.error = refusal.error;
    this.description = refusal.description;
    this.suberror = refusal.suberror;
    this.errorCodes = refusal.errorCodes;
    this.aadsts = refusal.aadsts;
    this.correlationId = refusal.correlationId;
    this.traceId = refusal.traceId;
    this.timestamp = refusal.timestamp;
    this.claims = refusal.claims;
    this.retryAfter = refusal.retryAfter;
    this.explanation = explanation;
  }
}
