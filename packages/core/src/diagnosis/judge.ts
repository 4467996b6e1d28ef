import type { CatalogueEntry, Cause, Sign } from './catalogue/entry.ts';
import type { Evidence } from './evidence.ts';
import type { ExplainedCause, Likelihood } from './explanation.ts';

const order: readonly Likelihood[] = ['certain', 'likely', 'possible', 'unlikely'];

/**
 * The causes of an entry in the order in which the evidence makes them likely.
 *
 * A sign that proves a cause makes it certain, one that rules it out removes it, and the others move it by one step. What
 * is proven leaves little room for the rest: that is at most possible then.
 */
export function judge({ causes }: CatalogueEntry, evidence: Evidence): readonly ExplainedCause[] {
  const judged = causes.flatMap((cause) => judgeCause(cause, evidence) ?? []);
  const proven = judged.some(({ likelihood }) => likelihood === 'certain');
  return judged
    .map((cause) => (proven && cause.likelihood === 'likely' ? { ...cause, likelihood: 'possible' as const } : cause))
    .toSorted((a, b) => order.indexOf(a.likelihood) - order.indexOf(b.likelihood));
}

function judgeCause({ id, usual, why, fix, signs = [] }: Cause, evidence: Evidence): ExplainedCause | undefined {
  const seen = signs.filter(({ when }) => when(evidence));
  const effects = new Set(seen.map(({ effect }) => effect));
  if (effects.has('rules-out')) return undefined;
  return { id, likelihood: likelihoodOf(usual, effects), why, fix, evidence: seen.map((sign) => sign.seen) };
}

function likelihoodOf(usual: Cause['usual'], effects: ReadonlySet<Sign['effect']>): Likelihood {
  if (effects.has('proves')) return 'certain';
  const step = Number(effects.has('lowers')) - Number(effects.has('raises'));
  const at = Math.min(order.length - 1, Math.max(1, order.indexOf(usual) + step));
  return order[at] ?? usual;
}
