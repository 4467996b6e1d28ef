import { catalogue, codeInWords, findEntry, similarCodes } from './catalogue.ts';
import { type ClientEvidence, type Evidence, keyReason, readClientEvidence } from './evidence.ts';
import type { ErrorFacts, ExplainEvidence, Explanation } from './explanation.ts';
import { ErrorFinder, type FoundError } from './find-errors.ts';
import { judge } from './judge.ts';
import { serverTimeOf } from './read-facts.ts';

const vocabulary = {
  isKnown: (code: number) => findEntry(code) !== undefined,
  names: catalogue.map(({ code }) => code).filter((code) => typeof code === 'string'),
};

/** As `explainText`, for a text that comes in pieces. */
export async function explainPieces(
  pieces: Iterable<string> | AsyncIterable<string>,
  evidence: ExplainEvidence,
): Promise<readonly Explanation[]> {
  const client = await readClientEvidence(evidence);
  const finder = new ErrorFinder(vocabulary, evidence.localTime);
  for await (const piece of pieces) finder.add(piece);
  return finder.end().map((error) => explainError(error, client));
}

/** Everything that the causes of an error are told apart by. */
export function evidenceOf({ message, facts }: FoundError, client: ClientEvidence): Evidence {
  return { ...client, message, facts, reason: keyReason(message), serverTime: serverTimeOf(facts) };
}

/** Explains one error. */
export function explainError(error: FoundError, client: ClientEvidence): Explanation {
  const { code, message, occurrences } = error;
  const facts: ErrorFacts = {
    ...(message === '' ? {} : { message }),
    ...error.facts,
    ...(occurrences > 1 ? { occurrences } : {}),
  };
  const entry = findEntry(code);
  if (entry === undefined) return unknown(code, facts);
  const { title, meaning, sources } = entry;
  const causes = judge(entry, evidenceOf({ ...error, facts }, client));
  return { code: codeInWords(code), known: true, title, meaning, causes, facts, sources };
}

function unknown(code: number | string, facts: ErrorFacts): Explanation {
  const similar = typeof code === 'number' && facts.message === undefined ? similarCodes(code) : [];
  return {
    code: codeInWords(code),
    known: false,
    title: 'Not in the catalogue',
    meaning:
      'certgrant does not know this code. What the text around it tells is among the facts; Microsoft looks up its codes at the address below.',
    causes: [],
    facts: { ...facts, ...(similar.length === 0 ? {} : { similarCodes: similar.map(codeInWords) }) },
    sources: [`https://login.microsoftonline.com/error?code=${code}`],
  };
}
