import type { Certificate, PublicKey } from './certificate.ts';

/** Why Microsoft Entra ID would refuse a certificate. */
export type ProblemCode = 'key-type' | 'key-size' | 'expired' | 'not-yet-valid' | 'no-private-key' | 'key-mismatch';

/** One reason, what would be answered, and what to do. */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly fix: string;
}

/** What is to be known beside the certificate itself. */
export interface ProblemOptions {
  /** The time in milliseconds since 1970. */
  readonly at: number;
  /** Whether the private key at hand is the certificate's; `null` when there is none. */
  readonly keyMatches: boolean | null;
}

/**
 * Everything that keeps a certificate from getting a token of Microsoft Entra ID; empty when nothing does.
 *
 * Neither the issuer nor the chain is among it: Entra takes a self-signed certificate, since it was uploaded.
 *
 * @param certificate the one whose key is to sign
 * @param options when, in milliseconds since 1970, and whether its private key is at hand
 * @returns in the order key, times, private key; each with what to do about it
 * @example
 * const problems = certificateProblems(certificate, { at: Date.now(), keyMatches: true });
 */
export function certificateProblems(certificate: Certificate, options: ProblemOptions): readonly Problem[] {
  return [
    ...keyProblems(certificate.publicKey),
    ...timeProblems(certificate, options.at),
    ...privateKeyProblems(options),
  ];
}

function keyProblems({ type, curve, bits }: PublicKey): readonly Problem[] {
  if (type !== 'RSA') {
    const kind = type === 'EC' && curve !== undefined ? `${type} ${curve}` : type;
    return [
      {
        code: 'key-type',
        message: `The key is ${kind}, and Entra ID verifies client assertions with RSA keys only; it answers AADSTS5002730 or AADSTS700027 (unsupported algorithm)`,
        fix: 'Make a certificate with an RSA key: certgrant cert create --subject CN=my-daemon',
      },
    ];
  }
  if (bits >= 2048) return [];
  return [
    {
      code: 'key-size',
      message: `The RSA key has ${bits} bits, and 2048 are the least that Entra ID takes and its client libraries sign with`,
      fix: 'Make a certificate with a key of 2048 bits or more: certgrant cert create --subject CN=my-daemon',
    },
  ];
}

function timeProblems({ notBefore, notAfter }: Certificate, at: number): readonly Problem[] {
  const problems: Problem[] = [];
  if (at > notAfter.getTime()) {
    problems.push({
      code: 'expired',
      message: `The certificate expired at ${notAfter.toISOString()}; Entra ID answers AADSTS700027 (the key used is expired)`,
      fix: 'Make a new certificate and upload it to the application',
    });
  }
  if (at < notBefore.getTime()) {
    problems.push({
      code: 'not-yet-valid',
      message: `The certificate is valid only from ${notBefore.toISOString()}; until then Entra ID answers AADSTS700027 (the key used is expired)`,
      fix: 'Check the clock and the time zone of this machine and of the one that made the certificate, or wait until then',
    });
  }
  return problems;
}

function privateKeyProblems({ keyMatches }: ProblemOptions): readonly Problem[] {
  if (keyMatches === true) return [];
  if (keyMatches === null) {
    return [
      {
        code: 'no-private-key',
        message:
          'There is no private key, so nothing can be signed; without a client assertion Entra ID answers AADSTS7000218',
        fix: 'Use the PFX or PEM file that holds the private key too, or name the key file with --key',
      },
    ];
  }
  return [
    {
      code: 'key-mismatch',
      message:
        'The private key belongs to another certificate; Entra ID answers AADSTS700027 (the signature did not match)',
      fix: 'Find the certificate that was made with this key, or the key of this certificate',
    },
  ];
}
