import { startBareServer } from './bare-token-server.ts';
import { startBenchAuthority } from './bench-authority.ts';
import { answer } from './child.ts';
import { cpuTime } from './measure.ts';
import { startMockServer, startOidcProvider } from './peer-servers.ts';
import type { TlsCertificate } from './tls-certificate.ts';
import type { Target } from './token-load-child.ts';

/** What stands at the other end. */
export type ServerName = 'authority' | 'oidc-provider' | 'oauth2-mock-server' | 'node:https and RSA';

export type ServerQuestion =
  | { readonly start: ServerName; readonly pem: string; readonly tls: TlsCertificate }
  | { readonly cpu: true };

const starters: Readonly<Record<ServerName, (pem: string, tls: TlsCertificate) => Promise<Target>>> = {
  authority: async (pem) => (await startBenchAuthority(pem)).target,
  'oidc-provider': async (pem, tls) => (await startOidcProvider(pem, tls)).target,
  'oauth2-mock-server': async (pem, tls) => (await startMockServer(pem, tls)).target,
  'node:https and RSA': startBareServer,
};

answer<ServerQuestion>(async (question) =>
  'cpu' in question ? cpuTime() : starters[question.start](question.pem, question.tls),
);
