import { createSigner } from '../../../src/assertion/signer.ts';
import type { Certificate } from '../../../src/certificate/certificate.ts';
import { createCertificate } from '../../../src/certificate/create-certificate.ts';
import { certificateSignature, generateKeyPair } from '../../../src/certificate/key-pair.ts';
import { thumbprints } from '../../../src/certificate/thumbprint.ts';

export const appId = '6731de76-14a6-49ae-97bc-6eba6914391e';
export const tenantId = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
export const traceId = '81beda46-f15d-4a3e-9d2c-3a5f6f1c0a00';
export const correlationId = '0d2c2d5a-5a6b-4b0e-8f8e-2b8d9a0c1d2e';
/** When the server answers, in these tests. */
export const answeredAt: number = Date.UTC(2026, 5, 1, 12);
export const timestamp = '2026-06-01 12:00:00Z';
export const identifiers: string = `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`;

const day = 86_400_000;

interface Wanted {
  readonly algorithm?: 'RSA-2048' | 'P-256';
  /** In days from the answer. */
  readonly from?: number;
  readonly until?: number;
  readonly certificateAuthority?: boolean;
}

/** A self-signed certificate that is valid when the server answers, unless something else is asked for. */
export async function certificate(wanted: Wanted = {}): Promise<Certificate> {
  const { algorithm = 'RSA-2048', from = -30, until = 30, certificateAuthority } = wanted;
  const keyPair = await generateKeyPair(algorithm);
  return createCertificate({
    subject: 'CN=test-daemon',
    publicKey: keyPair.spki,
    issuer: { signer: await createSigner(keyPair.pkcs8, certificateSignature[algorithm]), certificate: 'self' },
    notBefore: new Date(answeredAt + from * day),
    notAfter: new Date(answeredAt + until * day),
    certificateAuthority,
  });
}

const seconds = answeredAt / 1000;
const goodClaims: Readonly<Record<string, unknown>> = {
  aud: `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
  iss: appId,
  sub: appId,
  jti: '0f8fad5b-d9cb-469f-a165-70867728950e',
  nbf: seconds - 10,
  exp: seconds + 590,
};
const print = Buffer.alloc(32, 0xd7).toString('base64url');
const goodHeader: Readonly<Record<string, unknown>> = { alg: 'PS256', typ: 'JWT', 'x5t#S256': print };

/** An assertion as a client writes it, with some members replaced; `undefined` removes one. Nobody signed it. */
export function assertion(header: object = {}, claims: object = {}): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signature = Buffer.alloc(256, 0x5a).toString('base64url');
  return `${part({ ...goodHeader, ...header })}.${part({ ...goodClaims, ...claims })}.${signature}`;
}

/** The thumbprint of a certificate in base64url, from its bytes or, as people get it wrong, from its hexadecimal text. */
export async function thumbprint(
  of: Certificate,
  form: 'sha1' | 'sha256',
): Promise<{ bytes: string; hexText: string }> {
  const hex = (await thumbprints(of))[form];
  return { bytes: Buffer.from(hex, 'hex').toString('base64url'), hexText: Buffer.from(hex).toString('base64url') };
}

/** The answer of 700027, with a reason and perhaps the thumbprint and the dates. */
export function keyAnswer(reason: string, fragments: readonly string[] = []): string {
  const bracket = [`Reason - ${reason}`, ...fragments, 'Please visit the portal'].join(', ');
  return `AADSTS700027: The key of the assertion does not hold. [${bracket}] ${identifiers}`;
}
