import { createVerifier, type Verifier } from '@certgrant/core';
import { type EntraError, entraError } from '../entra-error.ts';
import { type AssertionAlgorithm, isAssertionAlgorithm } from './algorithm.ts';
import type { AssertionContext, RegisteredCertificate } from './assertion-context.ts';
import { foundKeyFragment, isWithinValidity } from './certificate-validity.ts';
import { thumbprintFragment, whereKeysAre } from './key.ts';
import type { ParsedAssertion } from './parse-assertion.ts';

/** Importing a public key costs as much as verifying with it, so each is imported once. */
const verifiers = new WeakMap<RegisteredCertificate, Partial<Record<AssertionAlgorithm, Verifier>>>();

/** The signature is one of the certificate's key over these very octets, with the padding that `alg` names. */
export async function checkSignature(context: AssertionContext): Promise<EntraError | undefined> {
  const { assertion, candidates, now } = context;
  const { alg } = assertion.header;
  if (!isAssertionAlgorithm(alg)) return undefined;
  const usable = candidates.filter(
    (certificate) => isWithinValidity(certificate, now) && certificate.keyType === 'RSA',
  );
  for (const certificate of usable) {
    if (!(await isSignedBy(assertion, certificate, alg))) continue;
    context.provenBy = certificate;
    return undefined;
  }
  const [first] = usable;
  return first === undefined ? undefined : mismatch(context, first, await faultOf(context, usable, alg));
}

function mismatch({ clientId }: AssertionContext, certificate: RegisteredCertificate, fault: string): EntraError {
  const fragments = [
    'Reason - The provided signature value did not match the expected signature value.',
    thumbprintFragment(certificate.thumbprints.sha1),
    foundKeyFragment(certificate),
    whereKeysAre(clientId),
  ];
  return entraError(700027, `Client assertion failed signature validation: ${fault}. [${fragments.join(', ')}]`, {
    expected: `a signature by the key of ${certificate.thumbprints.sha1}`,
    received: fault,
  });
}

async function faultOf(
  context: AssertionContext,
  usable: readonly RegisteredCertificate[],
  alg: AssertionAlgorithm,
): Promise<string> {
  const other = alg === 'PS256' ? 'RS256' : 'PS256';
  for (const certificate of usable) {
    if (await isSignedBy(context.assertion, certificate, other))
      return `it is signed with ${other}, and its header says ${alg}`;
  }
  return 'the private key is not the one of the certificate, or the assertion was changed after it had been signed';
}

/** Whether the certificate's key has made the signature, with the padding of `alg`. */
export async function isSignedBy(
  { signature, signingInput }: ParsedAssertion,
  certificate: RegisteredCertificate,
  alg: AssertionAlgorithm,
): Promise<boolean> {
  try {
    return await (await verifierOf(certificate, alg)).verify(signature, signingInput);
  } catch {
    // A key that cannot be imported or used verifies nothing.
    return false;
  }
}

async function verifierOf(certificate: RegisteredCertificate, alg: AssertionAlgorithm): Promise<Verifier> {
  const known = verifiers.get(certificate) ?? {};
  verifiers.set(certificate, known);
  const verifier = known[alg] ?? (await createVerifier(certificate.spki, alg));
  known[alg] = verifier;
  return verifier;
}
