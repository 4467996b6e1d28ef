import { type Thumbprints, thumbprints } from '../certificate/thumbprint.ts';
import { decodeToken } from '../jwt/decode-token.ts';
import { findToken } from '../jwt/find-token.ts';
import { readNumericDate } from '../jwt/token-time.ts';
import type { ErrorFacts, ExplainEvidence } from './explanation.ts';

/** Why the server did not take the key of an assertion, from the `[Reason - …]` of its message. */
export type KeyReason = 'not-found' | 'expired' | 'signature-mismatch' | 'algorithm';

/** A client assertion, taken apart; nothing of it is verified. */
export interface AssertionEvidence {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** In seconds since 1970. */
  readonly notBefore: number | undefined;
  readonly expiry: number | undefined;
  /** Whether base64url was written with padding, which RFC 7515 §2 leaves out. */
  readonly isPadded: boolean;
}

/** The certificate of the client. */
export interface CertificateEvidence {
  readonly thumbprints: Thumbprints;
  /** In milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** `RSA`, `EC` … */
  readonly keyType: string;
  readonly isCertificateAuthority: boolean;
  readonly isSelfSigned: boolean;
}

/** Everything that the causes of a code are told apart by. */
export interface Evidence {
  /** The server's message, on one line; empty where only the code is known. */
  readonly message: string;
  readonly facts: ErrorFacts;
  readonly reason: KeyReason | undefined;
  readonly assertion: AssertionEvidence | undefined;
  readonly certificate: CertificateEvidence | undefined;
  /** The server's clock, in milliseconds since 1970. */
  readonly serverTime: number | undefined;
  /** The client's clock at that moment. */
  readonly localTime: number | undefined;
  /** The object id that the request to Graph named. */
  readonly objectId: string | undefined;
}

/** What does not change from code to code of one text. */
export type ClientEvidence = Pick<Evidence, 'assertion' | 'certificate' | 'localTime' | 'objectId'>;

/**
 * Reads what the caller gave beside the text.
 *
 * @throws {CertgrantError} `TOKEN_NOT_FOUND` when there is no token in what was given as the assertion
 */
export async function readClientEvidence(given: ExplainEvidence): Promise<ClientEvidence> {
  const { assertion, certificate, localTime, objectId } = given;
  return {
    assertion: assertion === undefined ? undefined : readAssertion(assertion),
    certificate:
      certificate === undefined
        ? undefined
        : {
            thumbprints: await thumbprints(certificate),
            notBefore: certificate.notBefore.getTime(),
            notAfter: certificate.notAfter.getTime(),
            keyType: certificate.publicKey.type,
            isCertificateAuthority: certificate.isCertificateAuthority,
            isSelfSigned: certificate.subject === certificate.issuer,
          },
    localTime,
    objectId,
  };
}

function readAssertion(text: string): AssertionEvidence {
  const { token } = findToken(text);
  const { header = {}, claims = {} } = decodeToken(token);
  return {
    header,
    claims,
    notBefore: readNumericDate(claims.nbf)?.seconds,
    expiry: readNumericDate(claims.exp)?.seconds,
    isPadded: token.includes('='),
  };
}

const reasons: readonly (readonly [reason: KeyReason, pattern: RegExp])[] = [
  ['algorithm', /unsupported asymmetric signing algorithm|symmetric signing algorithm/i],
  ['expired', /key used is expired|is expired on application/i],
  ['signature-mismatch', /signature value did not match|verify the signature failed/i],
  ['not-found', /key was not found|is not registered on (?:the )?application/i],
];

/** The reason that a message names, if it names one. */
export function keyReason(message: string): KeyReason | undefined {
  return reasons.find(([, pattern]) => pattern.test(message))?.[0];
}
