import type { ExplainEvidence, Explanation } from './explanation.ts';

/**
 * Explains every error that stands in a text: a code, the JSON or the URL of an answer, an exception of any client, a
 * whole log.
 *
 * Codes are AADSTS numbers, OAuth errors by name where no number stands beside them, and the errors of Microsoft Graph
 * that are about tokens. What the surroundings tell (thumbprint, dates, clocks, identifiers) becomes facts, and with the
 * evidence puts the causes in order. The same mistake is explained once. Nothing that looks like a token or a secret is
 * repeated. The catalogue is loaded when this is first called.
 *
 * @param text of any length; what comes in pieces is never kept whole
 * @param evidence what else is known: the assertion that was sent, the certificate, this machine's clock
 * @returns the explanations in the order of the text; a code that the catalogue does not have is said to be unknown
 * @throws {CertgrantError} `TOKEN_NOT_FOUND` when the assertion in the evidence is none
 * @example
 * const [explanation] = await explainText('AADSTS700027');
 * console.log(explanation?.causes[0]?.fix);
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export async function explainText(
  text: string | AsyncIterable<string>,
  evidence: ExplainEvidence = {},
): Promise<readonly Explanation[]> {
  const { explainPieces } = await import('./explainer.ts');
  return explainPieces(typeof text === 'string' ? [text] : text, evidence);
}
