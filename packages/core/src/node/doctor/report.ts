/** What is checked, in the order in which it is. Programs rely on these names. */
export const checkIds = [
  'settings',
  'environment',
  'clock',
  'file',
  'format',
  'password',
  'permissions',
  'key',
  'chain',
  'validity',
  'key-type',
  'thumbprints',
  'header',
  'authorities',
  'proxy',
  'dns',
  'tcp',
  'tunnel',
  'tls',
  'discovery',
  'issuer',
  'server-clock',
  'token',
  'roles',
] as const;

/** One of the checks of {@link runDoctor}. */
export type CheckId = (typeof checkIds)[number];

/** How a check ended: `warned` where the request works all the same, `skipped` where there was nothing to look at. */
export type CheckStatus = 'passed' | 'failed' | 'warned' | 'skipped';

/** What a check found. Its texts are safe to paste: they hold no secret, no token, no whole id and no home folder. */
export interface CheckResult {
  readonly id: CheckId;
  readonly status: CheckStatus;
  /** What was seen; of a skipped one, why. On one line, without a final period. */
  readonly detail: string;
  /** What to do about it, where something is to be done: without a final period. */
  readonly fix?: string;
  /** Of a failed one: the AADSTS number of the answer, or the code of the error. */
  readonly code?: string;
}

/** What {@link runDoctor} found. */
export interface DoctorReport {
  /** Whether no check failed. */
  readonly ok: boolean;
  readonly checks: readonly CheckResult[];
}
