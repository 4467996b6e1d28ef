import { CertgrantError, isCertgrantError } from '../errors.ts';

/** What a registration has made so far. */
export interface RegisteredSoFar {
  readonly appId: string;
  readonly objectId: string;
  readonly servicePrincipalId?: string | undefined;
}

/** A later step of a registration failed; what the earlier ones made exists and is named here. */
export class IncompleteRegistrationError extends CertgrantError {
  override readonly name: string = 'IncompleteRegistrationError';
  readonly registered: RegisteredSoFar;

  /** `code`, message and fix are those of the error that ended the registration, which is the cause. */
  constructor(registered: RegisteredSoFar, cause: unknown) {
    const { appId, objectId, servicePrincipalId } = registered;
    const principal = servicePrincipalId === undefined ? '' : `, service principal ${servicePrincipalId}`;
    const made = `application ${appId} (object id ${objectId}${principal}) is there already`;
    const known = isCertgrantError(cause);
    const reason = known ? cause.message : 'register application: a step failed';
    const first = known ? `${cause.fix}. ` : '';
    super(known ? cause.code : 'API_REFUSED', `${reason}; ${made}`, {
      fix: `${first}Then finish what is missing for this application, or delete it before you register it again`,
      cause,
    });
    this.registered = registered;
  }
}
