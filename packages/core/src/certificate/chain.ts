import type { Certificate } from './certificate.ts';

/**
 * Orders a certificate and its issuers: the leaf, then each issuer of the one before, as far as `others` has them. What
 * does not belong to the chain is left out, and so is every copy. No signature is verified.
 *
 * Issuers are found by name, and among several of one name by key identifier (RFC 5280 §4.2.1.1).
 *
 * @param leaf the certificate to begin with
 * @param others in any order; may hold the leaf itself and strangers
 * @returns the leaf first; the leaf alone when its issuer is not there
 * @example
 * const [leaf, ...issuers] = orderChain(certificate, found);
 */
export function orderChain(leaf: Certificate, others: readonly Certificate[]): readonly Certificate[] {
  const chain = [leaf];
  let left = others.filter((other) => !sameBytes(other.der, leaf.der));
  for (let last: Certificate | undefined = leaf; last !== undefined && !isSelfIssued(last); ) {
    const issuer = findIssuer(last, left);
    if (issuer !== undefined) {
      chain.push(issuer);
      left = left.filter((other) => !sameBytes(other.der, issuer.der));
    }
    last = issuer;
  }
  return chain;
}

/** A root: it names itself as its issuer. A certificate that an authority issued to itself for a new key does too. */
function isSelfIssued(certificate: Certificate): boolean {
  const { subjectDer, issuerDer, subjectKeyIdentifier, authorityKeyIdentifier } = certificate;
  if (!sameBytes(subjectDer, issuerDer)) return false;
  return (
    authorityKeyIdentifier === undefined || authorityKeyIdentifier === (subjectKeyIdentifier ?? authorityKeyIdentifier)
  );
}

function findIssuer(certificate: Certificate, candidates: readonly Certificate[]): Certificate | undefined {
  return candidates
    .filter((candidate) => couldHaveIssued(candidate, certificate))
    .sort(
      (a, b) => preference(b, certificate) - preference(a, certificate) || b.notAfter.getTime() - a.notAfter.getTime(),
    )[0];
}

function couldHaveIssued(candidate: Certificate, { issuerDer, authorityKeyIdentifier }: Certificate): boolean {
  const { subjectDer, subjectKeyIdentifier } = candidate;
  if (!sameBytes(subjectDer, issuerDer)) return false;
  const known = authorityKeyIdentifier !== undefined && subjectKeyIdentifier !== undefined;
  return !known || authorityKeyIdentifier === subjectKeyIdentifier;
}

/** A key identifier that fits counts most, then that the candidate is an authority at all. */
function preference(candidate: Certificate, { authorityKeyIdentifier }: Certificate): number {
  const identified = authorityKeyIdentifier !== undefined && candidate.subjectKeyIdentifier === authorityKeyIdentifier;
  return (identified ? 2 : 0) + (candidate.isCertificateAuthority ? 1 : 0);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}
