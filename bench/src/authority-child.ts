import { type Authority, type Seed, startAuthority } from '@certgrant/authority';
import { answer } from './child.ts';
import { cpuTime } from './measure.ts';
import { startMockServer, startOidcProvider } from './peer-servers.ts';
import type { TlsCertificate } from './tls-certificate.ts';
import type { Target } from './token-load-child.ts';

/** What stands at the other end. */
export type ServerName = 'authority' | 'oidc-provider' | 'oauth2-mock-server';

export type AuthorityQuestion =
  /** An authority whose applications are in a folder; the first time it is made with so many of them. */
  | { readonly open: string; readonly applications?: number; readonly certificateFile: string }
  /** A server in memory, for its memory. */
  | { readonly start: ServerName; readonly pem: string; readonly certificateFile: string; readonly tls: TlsCertificate }
  | { readonly memory: true }
  | { readonly close: true };

/** Where it listens, and the CPU of the process from its start until it did, in microseconds. */
export interface Opened {
  readonly target: Omit<Target, 'clientId'>;
  readonly cpu: number;
}

/** In bytes, right after the garbage was collected. */
export interface Memory {
  readonly heap: number;
  readonly resident: number;
}

/** The id of the application with this number. */
export function applicationId(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

let close = async (): Promise<void> => {};

answer<AuthorityQuestion>(async (question) => {
  if ('memory' in question) return memory();
  if ('close' in question) {
    await close();
    return true;
  }
  if ('open' in question) {
    const { open: dataDir, applications, certificateFile } = question;
    const seed = applications === undefined ? {} : { seed: seedOf(applications, certificateFile) };
    const authority = await startAuthority({ dataDir, ...seed });
    close = authority.close;
    return { target: targetOf(authority), cpu: cpuTime() } satisfies Opened;
  }
  const { start, pem, certificateFile, tls } = question;
  if (start === 'authority') {
    const authority = await startAuthority({ seed: seedOf(1, certificateFile) });
    close = authority.close;
    return { ...targetOf(authority), clientId: applicationId(0) } satisfies Target;
  }
  const peer = await (start === 'oidc-provider' ? startOidcProvider : startMockServer)(pem, tls);
  close = peer.close;
  return peer.target;
});

function targetOf({ url, tenantId, ca }: Authority): Omit<Target, 'clientId'> {
  const scope = 'https://graph.microsoft.com/.default';
  return { url: `${url}/${tenantId}/oauth2/v2.0/token`, ca, scope, profile: 'entra' };
}

function seedOf(count: number, certificateFile: string): Seed {
  const applications = Array.from({ length: count }, (_, number) => ({
    appId: applicationId(number),
    displayName: `daemon ${number}`,
    certificates: [certificateFile],
    permissions: ['User.Read.All'],
  }));
  return { tenants: [{ applications }] };
}

function memory(): Memory {
  // Twice: what the first pass finalizes, the second one frees.
  globalThis.gc?.();
  globalThis.gc?.();
  return { heap: process.memoryUsage().heapUsed, resident: process.memoryUsage.rss() };
}
