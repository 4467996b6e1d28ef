import {
  type Credential,
  createClientAssertion,
  createProof,
  createSelfSignedCertificate,
  createVerifier,
  decodeToken,
  generateKeyPair,
  loadCredential,
  readCertificate,
  type SignatureAlgorithm,
  thumbprints,
  verifyToken,
} from '@certgrant/core';
import { fromBase64 } from './base64.ts';
import type { Material } from './material.ts';

/**
 * What has to work in every runtime: the same code runs on each Node, Bun and Deno, and in a browser's page. So it
 * uses no test framework and nothing of Node.
 *
 * @returns the names of the checks that held
 * @throws at the first that does not
 */
export async function runPortableSuite(material: Material): Promise<string[]> {
  const held: string[] = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check(material);
    } catch (cause) {
      throw new Error(`${name}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
    }
    held.push(name);
  }
  return held;
}

const checks: Record<string, (material: Material) => Promise<void>> = {
  'loads a PEM': async ({ pem, sha1 }) => expectThumbprint(await loadCredential(fromBase64(pem)), sha1),
  'loads an encrypted PEM': async ({ encryptedPem, password, sha1 }) =>
    expectThumbprint(await loadCredential(fromBase64(encryptedPem), { password }), sha1),
  'loads a PFX': async ({ pfx, password, sha1 }) =>
    expectThumbprint(await loadCredential(fromBase64(pfx), { password }), sha1),
  'loads a legacy PFX': async ({ legacyPfx, password, sha1 }) =>
    expectThumbprint(await loadCredential(fromBase64(legacyPfx), { password }), sha1),
  'tells a wrong password by its code': async ({ pfx }) => {
    const code = await loadCredential(fromBase64(pfx), { password: 'not it' }).then(
      () => 'nothing',
      (thrown: unknown) => (thrown as { code?: unknown }).code,
    );
    equal(code, 'PASSWORD_WRONG');
  },
  'prints all thumbprints': async ({ pem, sha1, sha256 }) => {
    const { certificate } = await loadCredential(fromBase64(pem));
    const prints = await thumbprints(certificate);
    equal(prints.sha1, sha1);
    equal(prints.sha256, sha256);
    equal(prints.x5t.length, 27);
    equal(prints['x5t#S256'].length, 43);
  },
  'signs and verifies with PS256': (material) => signAndVerify(material, 'PS256', 'x5t#S256'),
  'signs and verifies with RS256': (material) => signAndVerify(material, 'RS256', 'x5t'),
  'signs a proof of possession': async ({ pem, sha1 }) => {
    const credential = await loadCredential(fromBase64(pem));
    const objectId = '2f5b9c1e-6a43-4c0a-9b5e-0d7f3a1c8e24';
    const proof = await createProof({ credential, objectId });
    const { kind, header, claims } = decodeToken(proof);
    equal(kind, 'proof');
    equal(header?.kid, sha1);
    equal(claims?.iss, objectId);
    const verified = await verifyToken(proof, { certificate: credential.certificate });
    equal(verified.valid, true);
  },
  'makes a self-signed certificate': async () => {
    const keyPair = await generateKeyPair('P-256');
    const made = await createSelfSignedCertificate({ keyPair, subject: 'CN=portable' });
    const read = readCertificate(made.der);
    equal(read.subject, 'CN=portable');
    equal(read.publicKey.type, 'EC');
    equal((await thumbprints(read)).sha1, (await thumbprints(made)).sha1);
  },
};

async function signAndVerify(
  { pem }: Material,
  alg: SignatureAlgorithm,
  thumbprint: 'x5t' | 'x5t#S256',
): Promise<void> {
  const credential = await loadCredential(fromBase64(pem));
  const audience = 'https://login.example/tenant/oauth2/v2.0/token';
  const assertion = await createClientAssertion({ credential, clientId: 'portable', audience, alg });

  const { kind, header, claims } = decodeToken(assertion);
  equal(kind, 'client-assertion');
  equal(header?.alg, alg);
  equal(header?.[thumbprint], (await thumbprints(credential.certificate))[thumbprint]);
  equal(claims?.aud, audience);

  const verdict = await verifyToken(assertion, { certificate: credential.certificate });
  equal(verdict.valid, true);

  const [head = '', body = '', signature = ''] = assertion.split('.');
  const verifier = await createVerifier(credential.certificate.publicKey.spki, alg);
  const signed = new TextEncoder().encode(`${head}.${body}`);
  equal(await verifier.verify(fromBase64(signature), signed), true);
  equal(await verifier.verify(fromBase64(signature), signed.subarray(1)), false);
}

async function expectThumbprint({ certificate }: Credential, sha1: string): Promise<void> {
  equal((await thumbprints(certificate)).sha1, sha1);
}

function equal(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`expected ${String(expected)}, got ${String(actual)}`);
}
