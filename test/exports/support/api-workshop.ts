import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, startAuthority } from '@certgrant/authority';
import { openssl } from '../../interop/support/identities.ts';
import { certgrant } from '../../interop/support/program.ts';

/** A local authority, an application whose certificates have keys of three sizes, and a folder for exports. */
export interface ApiWorkshop {
  readonly authority: Authority;
  readonly clientId: string;
  readonly folder: string;
  readonly caFile: string;
  /** PEM of each registered certificate and its private key (PKCS#8), by the key's size in bits. */
  readonly identities: Readonly<Record<KeySize, Identity>>;
  /** The private key of a certificate that is registered nowhere. */
  readonly otherKeyPem: string;
  readonly ecKeyPem: string;
  /** The key of 2048 bits under a password. */
  readonly encryptedKeyPem: string;
  close(): Promise<void>;
}

export const keySizes = [2048, 3072, 4096] as const;
export type KeySize = (typeof keySizes)[number];

export interface Identity {
  readonly keyPem: string;
  readonly certificatePem: string;
  /** Key and certificate in one file. */
  readonly file: string;
}

export async function openApiWorkshop(): Promise<ApiWorkshop> {
  const folder = mkdtempSync(join(tmpdir(), 'certgrant-exports-'));
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const identities = Object.fromEntries(
    keySizes.map((bits) => [bits, createIdentity(folder, bits)]),
  ) as ApiWorkshop['identities'];
  openssl(folder, 'genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', 'other.key');
  openssl(folder, 'genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'ec.key');
  openssl(folder, 'pkcs8', '-topk8', '-in', '2048.key', '-out', 'encrypted.key', '-passout', 'pass:not a secret');
  const authority = await startAuthority();
  const caFile = join(folder, 'authority-ca.pem');
  writeFileSync(caFile, authority.ca);
  const { appId: clientId } = await authority.register({
    displayName: 'daemon',
    certificates: Object.values(identities).map(({ certificatePem }) => certificatePem),
    permissions: ['User.Read.All'],
  });
  const close = async (): Promise<void> => {
    await authority.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const keys = { otherKeyPem: read('other.key'), ecKeyPem: read('ec.key'), encryptedKeyPem: read('encrypted.key') };
  return { authority, clientId, folder, caFile, identities, ...keys, close };
}

function createIdentity(folder: string, bits: KeySize): Identity {
  const [key, certificate, both] = [`${bits}.key`, `${bits}.crt`, `${bits}.pem`].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  openssl(
    folder,
    ...['req', '-x509', '-newkey', `rsa:${bits}`, '-nodes', '-days', '2'],
    ...['-keyout', key, '-out', certificate, '-subj', `/CN=daemon ${bits}`],
  );
  const [keyPem, certificatePem] = [readFileSync(key, 'utf8'), readFileSync(certificate, 'utf8')];
  writeFileSync(both, keyPem + certificatePem, { mode: 0o600 });
  return { keyPem, certificatePem, file: both };
}

export interface ExportChoice {
  readonly bits?: KeySize;
  readonly alg?: 'PS256' | 'RS256';
  readonly withKey?: boolean;
}

let exported = 0;

/** Runs `certgrant export` against the workshop's authority; the folder that it wrote. */
export async function exportFolder(format: string, choice: ExportChoice, workshop: ApiWorkshop): Promise<string> {
  const { authority, clientId, identities, folder } = workshop;
  exported += 1;
  const out = join(folder, `export ${exported}`);
  const { file } = identities[choice.bits ?? 2048];
  const whom = ['--tenant', authority.tenantId, '--client-id', clientId, '--authority', authority.url];
  const how = ['--cert', file, '--alg', choice.alg ?? 'PS256', '--out', out, ...(choice.withKey ? ['--with-key'] : [])];
  const ended = await certgrant(['export', format, ...whom, ...how], folder);
  if (ended.code !== 0) throw new Error(`certgrant export ${format}: ${ended.stderr}`);
  return out;
}

/** The ways in which a private key stands in a PEM file. */
export const keyForms: Readonly<Record<string, (pkcs8: string) => string>> = {
  'PKCS#8, LF': (pkcs8) => pkcs8,
  'PKCS#8, CRLF': (pkcs8) => pkcs8.replaceAll('\n', '\r\n'),
  'PKCS#1, LF': pkcs1,
  'PKCS#1, CRLF': (pkcs8) => pkcs1(pkcs8).replaceAll('\n', '\r\n'),
};

function pkcs1(pkcs8: string): string {
  return createPrivateKey(pkcs8).export({ type: 'pkcs1', format: 'pem' }).toString();
}

export type Taken = Awaited<ReturnType<Authority['takeRequest']>>;

/** Every request that has arrived and was not taken yet; taking them before a test lets it see only what it causes. */
export async function takeRequests(authority: Authority): Promise<readonly Taken[]> {
  const taken: Taken[] = [];
  for (;;) {
    try {
      taken.push(await authority.takeRequest(0));
    } catch {
      return taken;
    }
  }
}

/** Gives variables of an exported Postman environment other values. */
export function setPostmanVariables(folder: string, values: Readonly<Record<string, string>>): void {
  const path = join(folder, 'certgrant.postman_environment.json');
  const environment = JSON.parse(readFileSync(path, 'utf8'));
  for (const variable of environment.values) variable.value = values[variable.key] ?? variable.value;
  writeFileSync(path, JSON.stringify(environment));
}
