import type { Evidence } from '../evidence.ts';

/** How probable a cause is while nothing but the code is known. */
export type UsualLikelihood = 'likely' | 'possible' | 'unlikely';

/** What evidence can say about a cause. */
export interface Sign {
  readonly effect: 'proves' | 'raises' | 'lowers' | 'rules-out';
  readonly when: (evidence: Evidence) => boolean;
  /** What is seen then, in words: a whole sentence without a final period. */
  readonly seen: string;
}

/** One reason for a code, and how it is told apart from the others. */
export interface Cause {
  /** Stable, unique within its entry, in kebab-case. */
  readonly id: string;
  readonly usual: UsualLikelihood;
  readonly why: string;
  readonly fix: string;
  readonly signs?: readonly Sign[];
}

/** What the catalogue knows of one code. */
export interface CatalogueEntry {
  /** The number of an AADSTS code, or the name of an OAuth or Graph error. */
  readonly code: number | string;
  /** The name in Microsoft's reference, where the code has one there. */
  readonly name?: string;
  readonly title: string;
  readonly meaning: string;
  /** In the order of how often they are met. */
  readonly causes: readonly Cause[];
  readonly sources: readonly string[];
}

/** The evidence shows that this is it. */
export function proves(seen: string, when: Sign['when']): Sign {
  return { effect: 'proves', seen, when };
}

/** The evidence speaks for it. */
export function raises(seen: string, when: Sign['when']): Sign {
  return { effect: 'raises', seen, when };
}

/** The evidence speaks against it. */
export function lowers(seen: string, when: Sign['when']): Sign {
  return { effect: 'lowers', seen, when };
}

/** The evidence shows that it cannot be this. */
export function rulesOut(seen: string, when: Sign['when']): Sign {
  return { effect: 'rules-out', seen, when };
}

/** The server's own words name it. */
export function says(pattern: RegExp, seen: string): Sign {
  return proves(seen, ({ message }) => pattern.test(message));
}
