import { CertgrantError } from '../errors.ts';

/** Whom a TLS connection trusts; empty where that is what Node does by itself. */
export interface TlsTrust {
  readonly secureContext?: import('node:tls').SecureContext;
}

/** TLS settings with the usual CAs and some more: a list given to Node would otherwise take the place of the usual ones. */
export async function tlsTrust(
  ca: readonly (string | Uint8Array)[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<TlsTrust> {
  if (ca.length === 0) return {};
  const [tls, { X509Certificate }] = await Promise.all([import('node:tls'), import('node:crypto')]);
  const added = ca.flatMap((one) => readAuthorities(one, X509Certificate));
  return { secureContext: tls.createSecureContext({ ca: [...(await usualAuthorities(tls, env)), ...added] }) };
}

async function usualAuthorities(
  tls: typeof import('node:tls'),
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  // Newer than the Node that this must run on: it knows the system's store as well, where Node is told to use it.
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  if (getCACertificates !== undefined) return getCACertificates('default');
  const extra = env.NODE_EXTRA_CA_CERTS;
  if (extra === undefined || extra === '') return tls.rootCertificates;
  const { readFileSync } = await import('node:fs');
  try {
    return [...tls.rootCertificates, ...pemBlocks(readFileSync(extra, 'utf8'))];
  } catch {
    // Node itself only warns about a file that it cannot read.
    return tls.rootCertificates;
  }
}

/**
 * The CAs of a file as PEM, one by one.
 *
 * @throws {CertgrantError} `FORMAT_UNKNOWN` when there is no certificate in it
 */
export function readAuthorities(
  file: string | Uint8Array,
  X509Certificate: typeof import('node:crypto').X509Certificate,
): readonly string[] {
  const text = typeof file === 'string' ? file : new TextDecoder('latin1').decode(file);
  const blocks = pemBlocks(text);
  try {
    if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block).toString());
    if (typeof file !== 'string') return [new X509Certificate(file).toString()];
  } catch (cause) {
    throw notAuthority('what it holds is not a certificate', cause);
  }
  throw notAuthority('there is no certificate in it');
}

function notAuthority(problem: string, cause?: unknown): CertgrantError {
  return new CertgrantError('FORMAT_UNKNOWN', `trust a CA: ${problem}`, {
    fix: "Give the CA's certificate as a PEM or DER file",
    cause,
  });
}

/** The certificates of a text, each with its first and last line. */
export function pemBlocks(text: string): readonly string[] {
  return text.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]*-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? [];
}
