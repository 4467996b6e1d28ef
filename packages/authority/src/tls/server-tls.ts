import { isIP } from 'node:net';
import {
  type Bytes,
  type Certificate,
  createCertificate,
  createSigner,
  fromBase64,
  generateKeyPair,
  readCertificate,
  type Signer,
  systemPlatform,
  toBase64,
} from '@certgrant/core';
import { toPem } from '../lib/pem.ts';
import type { Store } from '../store/store.ts';

/** What the server presents, and what clients trust; all PEM. */
export interface ServerTls {
  readonly key: string;
  /** The server's certificate; a chain follows it where there is one. */
  readonly cert: string;
  /** The authority that has signed it. */
  readonly ca: string;
}

interface CertificateAuthority {
  readonly signer: Signer;
  readonly certificate: Certificate;
}

const day = 24 * 60 * 60 * 1000;

/** Clients refuse longer ones, of servers that is: 397 days is the shortest of their limits. */
const serverDays = 397;
const authorityDays = 10 * 365;

/** The name under which a store keeps the CA. */
const valueName = 'certificate-authority';

/**
 * Makes a server certificate for the names, signed by the CA that the store keeps; the first time that is made too.
 *
 * The keys are EC, which are made at once. The clock is the system's even where the authority's own is set otherwise:
 * clients hold these certificates against theirs.
 */
export async function serverTls(names: readonly string[], store: Store): Promise<ServerTls> {
  const [authority, keyPair] = await Promise.all([keptAuthority(store), generateKeyPair('P-256')]);
  const certificate = await createCertificate({
    subject: 'CN=certgrant authority',
    publicKey: keyPair.spki,
    issuer: authority,
    ...validity(serverDays),
    subjectAlternativeNames: names.map((name) => (isIP(name) === 0 ? `dns:${name}` : `ip:${name}`)),
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['serverAuth'],
  });
  return {
    key: toPem('PRIVATE KEY', keyPair.pkcs8),
    cert: toPem('CERTIFICATE', certificate.der),
    ca: toPem('CERTIFICATE', authority.certificate.der),
  };
}

async function keptAuthority(store: Store): Promise<CertificateAuthority> {
  const text = await store.readValue(valueName);
  if (text !== undefined) {
    const { pkcs8, certificate } = JSON.parse(text) as { pkcs8: string; certificate: string };
    return { signer: await createSigner(bytes(pkcs8), 'ES256'), certificate: readCertificate(bytes(certificate)) };
  }
  const keyPair = await generateKeyPair('P-256');
  const signer = await createSigner(keyPair.pkcs8, 'ES256');
  const certificate = await createCertificate({
    subject: 'CN=certgrant local CA',
    publicKey: keyPair.spki,
    issuer: { signer, certificate: 'self' },
    ...validity(authorityDays),
    certificateAuthority: true,
  });
  const kept = { pkcs8: toBase64(keyPair.pkcs8), certificate: toBase64(certificate.der) };
  await store.writeValue(valueName, JSON.stringify(kept));
  return { signer, certificate };
}

/** From yesterday on, for clients whose clock is behind. */
function validity(days: number): { notBefore: Date; notAfter: Date } {
  const notBefore = systemPlatform.now() - day;
  return { notBefore: new Date(notBefore), notAfter: new Date(notBefore + days * day) };
}

function bytes(base64: string): Bytes {
  return fromBase64(base64) ?? new Uint8Array();
}
