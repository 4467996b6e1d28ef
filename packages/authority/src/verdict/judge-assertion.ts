import { type Certificate, type Platform, platformWith } from '@certgrant/core';
import { assertionContext, examineAssertion } from '../checks/assertion-checks.ts';
import { type ParsedAssertion, parseAssertion } from '../checks/parse-assertion.ts';
import { registeredCertificateOf } from '../checks/registered-certificate.ts';
import { checkSize } from '../checks/size.ts';
import { isGuid } from '../lib/identifiers.ts';
import { expectedAudience } from './expected-audience.ts';
import { refusedBy } from './explained.ts';
import { judgeFinding, type Outcome, outcomeOf } from './judge-finding.ts';
import { judgeLifetime } from './judge-lifetime.ts';
import { type Judgement, onlyTheAuthority, skipped } from './verdict.ts';

/** What an assertion is judged with; all of it may be left out. */
export interface JudgeAssertionOptions {
  /** The certificate that is taken for the registered one: thumbprint, dates and signature are checked with it. */
  readonly certificate?: Certificate | undefined;
  /** The URL before the tenant, of a cloud or of another authority; by default the one that `aud` names. */
  readonly authority?: string | undefined;
  /** The id or a domain name of the tenant; by default the one that `aud` names. */
  readonly tenant?: string | undefined;
  /** `client_id` of the request; by default the application that the assertion names. */
  readonly clientId?: string | undefined;
  readonly platform?: Partial<Platform> | undefined;
}

/**
 * Says how Microsoft Entra ID answers a client assertion, by the very checks that the local authority makes.
 *
 * Nothing is sent anywhere. What cannot be known without asking (is there such an application, is this certificate
 * registered?) is a check that was skipped, and the verdict is about the rest.
 *
 * @param text the assertion, a JWS in compact serialization
 * @returns the first refusal in the order of the authority, explained, or that nothing would be refused; and every check
 * @example
 * const { verdict, checks } = await judgeAssertion(assertion, { certificate, tenant: 'contoso.example' });
 */
export async function judgeAssertion(text: string, options: JudgeAssertionOptions = {}): Promise<Judgement> {
  const { certificate, platform } = options;
  const now = platformWith(platform).now();
  const outcomes = await outcomesOf(text, options, now);
  const refused = outcomes.find((outcome) => outcome.refused !== undefined)?.refused;
  const verdict =
    refused === undefined
      ? { refused: false, summary: 'Nothing here would be refused' }
      : await refusedBy(refused, { assertion: text, certificate, now });
  return { verdict, checks: outcomes.map(({ check }) => check) };
}

async function outcomesOf(text: string, options: JudgeAssertionOptions, now: number): Promise<readonly Outcome[]> {
  const { certificate } = options;
  const parsed = parseAssertion(text);
  const size = outcomeOf('size', checkSize(text.length), `It has ${text.length} characters`);
  const form = outcomeOf('form', 'refused' in parsed ? parsed.refused : undefined, 'It has three parts, all readable');
  if ('refused' in parsed) return [size, form];
  const { claims } = parsed.value;
  const certificates = certificate === undefined ? [] : [await registeredCertificateOf(certificate, '')];
  const expected = expectedAudience(claims.aud, options);
  const clientId = options.clientId ?? applicationOf(claims);
  const facts = { clientId, certificates, audience: expected.audience, now };
  const context = assertionContext(parsed.value, facts);
  const findings = await examineAssertion(context);
  const judged = await Promise.all(findings.map((finding) => judgeFinding(finding, context, expected)));
  return [size, form, ...judged, { check: judgeLifetime(claims) }, { check: registration }];
}

const registration = skipped(
  'registration',
  `Whether there is such an application, and whether this certificate is registered on it: ${onlyTheAuthority}`,
);

/** `client_id` may be left out of a request, and is the subject then (RFC 7521 §4.2). */
function applicationOf({ iss, sub }: ParsedAssertion['claims']): string {
  return [sub, iss].filter((each) => typeof each === 'string').find(isGuid) ?? '';
}
