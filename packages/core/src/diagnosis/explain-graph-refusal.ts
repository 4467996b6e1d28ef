import { findEntry } from './catalogue.ts';
import { readClientEvidence } from './evidence.ts';
import { explainError } from './explain-pieces.ts';
import type { ExplainEvidence, Explanation } from './explanation.ts';
import { readFacts } from './read-facts.ts';

/** What Graph said, as far as it tells causes apart. */
export interface GraphAnswer {
  readonly code: string;
  readonly message: string;
  /** The server's clock, as Graph writes it. */
  readonly date: string | undefined;
}

/** What Graph answers to every fault of a proof, and hardly ever to anything else. */
const proofRefused = 'Authentication_MissingOrMalformed';

/**
 * Explains an answer of Graph with what the client knows of its request; `undefined` for a code that the catalogue does
 * not have, and for a word about a proof where none was sent.
 */
export async function explainGraphRefusal(
  { code, message, date }: GraphAnswer,
  evidence: ExplainEvidence,
): Promise<Explanation | undefined> {
  if (findEntry(code) === undefined || (code === proofRefused && evidence.assertion === undefined)) return undefined;
  const stamp = date === undefined ? '' : ` Timestamp: ${date}`;
  const facts = readFacts(message + stamp, evidence.localTime);
  return explainError({ code, message, facts, occurrences: 1 }, await readClientEvidence(evidence));
}
