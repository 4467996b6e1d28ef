import { type Certificate, type Explanation, explainText, findToken } from '@certgrant/core';
import type { EntraError } from '../entra-error.ts';
import { timestampForm } from '../lib/date-format.ts';
import type { Verdict } from './verdict.ts';

/** What the causes of a refusal are told apart by. */
export interface VerdictEvidence {
  /** The assertion or the proof. */
  readonly assertion: string;
  readonly certificate: Certificate | undefined;
  /** In milliseconds since the epoch. */
  readonly now: number;
}

/** The answer of the token endpoint, explained. */
export async function refusedBy(refused: EntraError, evidence: VerdictEvidence): Promise<Verdict> {
  const { code: number, error, status, message } = refused;
  const code = `AADSTS${number}`;
  const explanation = await explained(`${code}: ${message}`, code, evidence);
  const title = explanation === undefined ? '' : `: ${explanation.title}`;
  return verdict(`Refused with ${code}, ${error}${title}`, { status, error, code, message }, explanation);
}

/**
 * Microsoft Graph gives one answer to everything that can be wrong with a proof.
 *
 * @param fault what it is here
 */
export async function refusedProof(fault: string, evidence: VerdictEvidence): Promise<Verdict> {
  const [error, message] = ['Authentication_MissingOrMalformed', 'Access Token missing or malformed.'];
  const answer = JSON.stringify({ error: { code: error, message: `${message} ${fault}` } });
  const explanation = await explained(answer, error, evidence);
  return verdict(`Refused by Microsoft Graph with ${error}`, { status: 401, error, message }, explanation);
}

function verdict(
  summary: string,
  answer: Pick<Verdict, 'status' | 'error' | 'code' | 'message'>,
  explanation: Explanation | undefined,
): Verdict {
  return { refused: true, summary, ...answer, ...(explanation === undefined ? {} : { explanation }) };
}

async function explained(
  answer: string,
  code: string,
  { assertion, certificate, now }: VerdictEvidence,
): Promise<Explanation | undefined> {
  // The time as the answer would state it: whether a certificate has expired is told by the server's clock.
  const text = `${answer} Timestamp: ${timestampForm(now)}`;
  const explanations = await explainText(text, {
    assertion: isDecodable(assertion) ? assertion : undefined,
    certificate,
  });
  // What the assertion says stands in the message too, and may name other codes.
  return explanations.find((each) => each.code === code);
}

/** Whether there is anything of a JWT in it to tell the causes apart by. */
function isDecodable(assertion: string): boolean {
  try {
    findToken(assertion);
    return true;
  } catch {
    return false;
  }
}
