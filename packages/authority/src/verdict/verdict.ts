import type { Explanation } from '@certgrant/core';

/** One check of an assertion or a proof, in words. */
export interface JudgedCheck {
  /** Stable, for programs: `audience`, `key`, `signature` … */
  readonly id: string;
  /** `warned` where the server takes it and others may not; `skipped` where it cannot be known here. */
  readonly status: 'passed' | 'failed' | 'warned' | 'skipped';
  /** What was found, without a final period. */
  readonly detail: string;
  /** For a failed one, the code that it is answered with: `AADSTS700023`. */
  readonly code?: string;
  /** What would have passed and what is there, where both fit a line. */
  readonly expected?: string;
  readonly received?: string;
}

/** How the server answers, as far as it can be known without asking it. */
export interface Verdict {
  readonly refused: boolean;
  /** In a sentence, without a final period. */
  readonly summary: string;
  /** The answer's HTTP status, its error and code. */
  readonly status?: number;
  /** The OAuth error, or the code of Microsoft Graph. */
  readonly error?: string;
  /** `AADSTS700023`; absent for a proof, which Microsoft Graph answers without a number. */
  readonly code?: string;
  readonly message?: string;
  /** What the refusal means, its causes put in order by what is known here; the first one's `fix` is the next step. */
  readonly explanation?: Explanation;
}

/** A verdict with the checks that led to it, in the order in which the server makes them. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly checks: readonly JudgedCheck[];
}

/** What stands in the detail of a check that nobody but the authority can make. */
export const onlyTheAuthority = 'not checked: only the authority knows';

export function passed(id: string, detail: string): JudgedCheck {
  return { id, status: 'passed', detail };
}

export function warned(id: string, detail: string): JudgedCheck {
  return { id, status: 'warned', detail };
}

export function skipped(id: string, detail: string): JudgedCheck {
  return { id, status: 'skipped', detail };
}

/** `undefined` members are left out. */
export function failed(
  id: string,
  detail: string,
  { code, expected, received }: { readonly [Member in 'code' | 'expected' | 'received']?: string | undefined },
): JudgedCheck {
  return {
    id,
    status: 'failed',
    detail,
    ...(code === undefined ? {} : { code }),
    ...(expected === undefined ? {} : { expected }),
    ...(received === undefined ? {} : { received }),
  };
}
