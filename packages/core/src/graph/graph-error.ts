import type { Explanation } from '../diagnosis/explanation.ts';
import { CertgrantError } from '../errors.ts';

/** What Microsoft Graph said when it refused a request. */
export interface GraphRefusal {
  /** The HTTP status. */
  readonly status: number;
  /** Graph's own code, such as `Authorization_RequestDenied`; `undefined` when the answer had none. */
  readonly graphCode: string | undefined;
  /** By which Microsoft's support finds the request. */
  readonly requestId: string | undefined;
  /** How long Graph asks to wait, in milliseconds. */
  readonly retryAfter: number | undefined;
}

/** Microsoft Graph answered, and the answer was no: `API_REFUSED`. */
export class GraphError extends CertgrantError implements GraphRefusal {
  override readonly name: string = 'GraphError';
  readonly status: number;
  readonly graphCode: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfter: number | undefined;

  /** What the error means and its causes, the most likely first; `undefined` for a code that is not in the catalogue. */
  readonly explanation: Explanation | undefined;

  constructor(message: string, fix: string, refusal: GraphRefusal, explanation?: Explanation | undefined) {
    super('API_REFUSED', message, { fix });
    this.status = refusal.status;
    this.graphCode = refusal.graphCode;
    this.requestId = refusal.requestId;
    this.retryAfter = refusal.retryAfter;
    this.explanation = explanation;
  }
}
