import { resolve } from 'node:path';
import {
  CertgrantError,
  cloudOf,
  clouds,
  type FoundKey,
  type KeyFileContents,
  thumbprints,
  tokenEndpoint,
  writePem,
} from '@certgrant/core';
import { choosePair } from '../certificate-choice.ts';
import type { Io } from '../io.ts';
import { openKeyFile } from '../opened-key-file.ts';
import { defaultLifetime } from '../options/assertion.ts';
import { type AuthorityValues, authorityFrom, checkedUrl } from '../options/authority.ts';
import { type CredentialValues, selectionFrom } from '../options/credential.ts';
import { clientIdFrom, tenantFrom } from '../options/identity.ts';
import { targetFrom } from '../options/scope.ts';
import { usageError } from '../usage.ts';
import type { ExportedCertificate, ExportSettings } from './format.ts';

export interface ExportValues extends AuthorityValues, CredentialValues {
  readonly tenant: string | undefined;
  readonly 'client-id': string | undefined;
  readonly scope: string | undefined;
  readonly api: string | undefined;
  readonly alg: 'PS256' | 'RS256' | undefined;
  readonly 'with-key': boolean;
}

/** What the options and the environment say, checked as `certgrant token` checks it. */
export async function exportSettings(values: ExportValues, io: Io): Promise<ExportSettings> {
  const tenant = tenantFrom(values, io);
  const clientId = clientIdFrom(values, io, 'guid');
  const authority = authorityFrom(values, io);
  const graph = cloudOf(authority)?.graph ?? `${authority}/graph`;
  const { scope = `${clouds.public.graph}/.default` } = targetFrom({
    scope: values.scope ?? `${cloudOf(authority)?.graph ?? clouds.public.graph}/.default`,
    resource: undefined,
    v1: false,
    issuer: undefined,
  });
  const source = values.cert ?? (io.env.AZURE_CLIENT_CERTIFICATE_PATH || undefined);
  const credential = source === undefined ? undefined : await credentialFrom(source, values, io);
  if (values['with-key'] && credential?.key === undefined) {
    throw new CertgrantError('PRIVATE_KEY_MISSING', 'export with key: there is no private key', {
      fix: 'Give --cert FILE with the private key, or --key FILE beside it; or leave out --with-key',
    });
  }
  return {
    tenant,
    clientId,
    scope,
    authority,
    tokenEndpoint: tokenEndpoint(authority, tenant),
    apiUrl: withoutBraces(values.api === undefined ? apiOf(scope, graph, io) : apiFrom(values.api)),
    alg: values.alg ?? 'PS256',
    lifetime: defaultLifetime,
    certificate: credential?.certificate,
    files: { cert: pathIn(source, io), key: pathIn(values.key, io) },
    privateKeyPem: values['with-key'] ? await keyPem(credential?.key) : undefined,
  };
}

/** A call that works with little permission; a scope that is no address of the web does not say where its API is. */
function apiOf(scope: string, graph: string, io: Io): string {
  const resource = scope.slice(0, -'/.default'.length);
  if (Object.values(clouds).some((cloud) => cloud.graph === resource)) {
    return `${graph}/v1.0/users?$top=5&$select=id,displayName`;
  }
  if (/^https:\/\/[^/]/.test(resource) && URL.canParse(resource)) return resource;
  io.warn(
    'the scope does not say where its API is, so the call with the token goes to https://api.example.com; --api URL says it',
  );
  return 'https://api.example.com/';
}

/** Braces in a URL mean the same when they are escaped (RFC 3986 §2.1), and a tool would take them for a placeholder. */
function withoutBraces(url: string): string {
  return url.replaceAll('{', '%7B').replaceAll('}', '%7D');
}

/** As {@link checkedUrl}, with the query that a call of an API may have. */
function apiFrom(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && url.username === '' && url.password === '' && url.hash === '') {
    if (
      url.protocol === 'https:' ||
      (url.protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname))
    )
      return text;
  }
  throw usageError('--api: this is not an https URL', 'Write it like https://graph.microsoft.com/v1.0/users');
}

interface OpenedCredential {
  readonly key: FoundKey | undefined;
  readonly certificate: ExportedCertificate;
}

async function credentialFrom(source: string, values: ExportValues, io: Io): Promise<OpenedCredential> {
  const { contents } = await openKeyFile(source, values, io);
  const { key, certificate: found, keyMatches } = await choosePair(contents, selectionFrom(values));
  if (found === undefined) {
    throw new CertgrantError('CERTIFICATE_MISSING', 'read certificate: there is none in the file', {
      fix: 'Give the file with the certificate: CER, PEM or PFX; --key FILE names the private key beside it',
    });
  }
  if (keyMatches === false) {
    throw new CertgrantError('KEY_MISMATCH', 'export: the private key there does not belong to the certificate', {
      fix: 'Give the key that the certificate was made with; certgrant cert inspect FILE shows what is in the file',
    });
  }
  return { key, certificate: await exported(found.certificate, contents.format) };
}

async function exported(
  certificate: ExportedCertificate['certificate'],
  fileFormat: KeyFileContents['format'],
): Promise<ExportedCertificate> {
  const { type, bits } = certificate.publicKey;
  if (type !== 'RSA' || bits < 2048) {
    throw new CertgrantError(
      'KEY_UNSUITABLE',
      `export: Entra ID takes no assertion of a key of ${bits} bits (${type})`,
      {
        fix: 'Use a certificate with an RSA key of 2048 bits or more: certgrant cert create makes one',
      },
    );
  }
  return {
    certificate,
    thumbprints: await thumbprints(certificate),
    pem: await writePem({ certificates: [certificate] }),
    fileFormat,
  };
}

async function keyPem(key: FoundKey | undefined): Promise<string | undefined> {
  return key === undefined ? undefined : writePem({ pkcs8: key.pkcs8, certificates: [] });
}

function pathIn(source: string | undefined, io: Io): string | undefined {
  return source === undefined || source === '-' || source.startsWith('env:') ? undefined : resolve(io.cwd, source);
}
