import type { Refusal } from '../token/token-refused-error.ts';
import { findEntry } from './catalogue.ts';
import { readClientEvidence } from './evidence.ts';
import { explainError } from './explain-pieces.ts';
import type { ErrorFacts, ExplainEvidence, Explanation } from './explanation.ts';
import { readFacts } from './read-facts.ts';

/** What a refusal means and what to do about it. */
export interface ExplainedRefusal {
  /** `undefined` when the answer was no OAuth error. */
  readonly explanation: Explanation | undefined;
  readonly fix: string;
}

/** Explains an answer of a token endpoint with what the client knows of its request. */
export async function explainRefusal(refusal: Refusal, evidence: ExplainEvidence): Promise<ExplainedRefusal> {
  const explanation = await explanationOf(refusal, evidence);
  const wait = isBusy(refusal) ? waitFix(refusal) : undefined;
  const [first] = explanation?.causes ?? [];
  return { explanation, fix: wait ?? first?.fix ?? fixByName(refusal) ?? fixByStatus(refusal) };
}

async function explanationOf(refusal: Refusal, evidence: ExplainEvidence): Promise<Explanation | undefined> {
  const { error, errorCodes, description = '', correlationId, traceId, timestamp } = refusal;
  // The innermost number says most, so it is looked up first.
  const code = errorCodes.findLast((each) => findEntry(each) !== undefined) ?? errorCodes.at(-1) ?? error;
  if (code === undefined) return undefined;
  const stamp = timestamp === undefined ? '' : ` Timestamp: ${timestamp}`;
  const identifiers: ErrorFacts = {
    ...(error === undefined ? {} : { error }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(traceId === undefined ? {} : { traceId }),
  };
  const facts = { ...readFacts(description + stamp, evidence.localTime), ...identifiers };
  const client = await readClientEvidence(evidence);
  return explainError({ code, message: description, facts, occurrences: 1 }, client);
}

function isBusy({ status }: Refusal): boolean {
  return status === 429 || status === 503;
}

function waitFix({ retryAfter }: Refusal): string {
  return retryAfter === undefined ? 'Try again later' : `Try again in ${Math.ceil(retryAfter / 1000)} s`;
}

/** For a number that the catalogue does not have: what its OAuth error says. */
function fixByName({ error }: Refusal): string | undefined {
  const entry = error === undefined ? undefined : findEntry(error);
  return entry?.causes[0]?.fix;
}

function fixByStatus({ status, error }: Refusal): string {
  if (status >= 500) {
    return 'Try again later; if it stays so, look into the log of the server or of the proxy before it';
  }
  if (error !== undefined) return "Look the error up in the server's documentation";
  return "Check the URL, and whether a firewall, a proxy or a gateway answers in the server's place";
}
