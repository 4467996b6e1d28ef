import { type AssertionCheckName, assertionChecks } from './assertion-checks.ts';

/** The names of the checks that a token request goes through besides those of its assertion. */
const before = [
  'method',
  'body',
  'parameters',
  'grant-type',
  'tenant',
  'client-id',
  'resource-parameter',
  'claims-parameter',
  'credential',
  'assertion-form',
  'assertion-subject',
  'application',
  'application-enabled',
] as const;
const after = ['resource', 'role'] as const;

/** The name of one check of a token request. */
export type SignInCheckName = (typeof before)[number] | AssertionCheckName | 'client-secret' | (typeof after)[number];

const onlyOfAssertions: readonly SignInCheckName[] = ['assertion-form', 'assertion-subject'];

/** Every check of a token request, in the order in which the token endpoint makes them. */
export function signInChecks(credential: 'certificate' | 'secret' | undefined): readonly SignInCheckName[] {
  if (credential === 'secret') {
    return [...before.filter((name) => !onlyOfAssertions.includes(name)), 'client-secret', ...after];
  }
  return [...before, ...assertionChecks.map(({ name }) => name), ...after];
}
