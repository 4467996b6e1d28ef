import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CertgrantError, type Platform } from '@certgrant/core';
import type { ServerTls } from '../tls/server-tls.ts';
import type { AuthorityApp } from './app.ts';
import { Connections } from './connections.ts';

/** How long a client may take, in milliseconds: a stalled one must not hold anything for long. */
const limits = { headers: 10_000, request: 30_000, idle: 60_000, silent: 120_000, checking: 5_000 };

/** How often a free port is looked for that is free at every address of localhost. */
const attempts = 10;

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  /** Lets the requests in flight finish, then leaves no socket behind. */
  close(): Promise<void>;
}

/** What is served, and where. */
export interface ServeOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls: ServerTls;
  readonly platform: Platform;
}

/**
 * Serves an app over TLS.
 *
 * @throws {CertgrantError} `PORT_IN_USE`; `HOST_NOT_FOUND` for a name that is none of this machine; `USAGE` for a port
 * that may not be taken
 */
export async function serve(app: AuthorityApp, options: ServeOptions): Promise<RunningServer> {
  const connections = new Connections(options.platform);
  const serverOptions: ServerOptions = {
    key: options.tls.key,
    cert: options.tls.cert,
    minVersion: 'TLSv1.2',
    handshakeTimeout: limits.headers,
    connectionsCheckingInterval: limits.checking,
    headersTimeout: limits.headers,
    requestTimeout: limits.request,
    keepAliveTimeout: limits.idle,
  };
  const newServer = (): Server => {
    const server = createServer(serverOptions);
    connections.watch(server);
    // One that asks and does not read the answer would wait for ever otherwise.
    server.setTimeout(limits.silent);
    return server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
      void app.serve(incoming, outgoing);
    });
  };
  const { port, servers } = await listenEverywhere(newServer, options);
  return { port, close: () => connections.close(servers) };
}

interface Listening {
  readonly port: number;
  readonly servers: readonly Server[];
}

/** localhost is two addresses, and some clients try only one of them. */
async function listenEverywhere(newServer: () => Server, { host, port }: ServeOptions): Promise<Listening> {
  const [first, ...others] = host === 'localhost' ? (['127.0.0.1', '::1'] as const) : ([host] as const);
  for (let attempt = 1; ; attempt++) {
    const server = await listen(newServer(), first, port);
    const servers = [server];
    const { port: taken } = server.address() as AddressInfo;
    try {
      for (const address of others) servers.push(await listen(newServer(), address, taken));
      return { port: taken, servers };
    } catch (thrown) {
      // Without IPv6 there is no second address.
      if (thrown instanceof CertgrantError && thrown.code === 'HOST_NOT_FOUND') return { port: taken, servers };
      await Promise.all(servers.map((each) => new Promise((resolve) => each.close(resolve))));
      if (port !== 0 || attempt === attempts) throw thrown;
    }
  }
}

function listen(server: Server, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const fail = (thrown: NodeJS.ErrnoException): void => reject(listenError(thrown, host, port));
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      resolve(server);
    });
  });
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): CertgrantError {
  const { code = '' } = cause;
  if (code === 'EADDRINUSE') {
    const fix = 'Choose another port (0 takes a free one), or stop the program that has it';
    return new CertgrantError('PORT_IN_USE', `start authority: port ${port} is in use`, { fix, cause });
  }
  if (['ENOTFOUND', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EAI_AGAIN'].includes(code)) {
    const fix = 'Listen on localhost, 127.0.0.1, ::1, or on an address of this machine';
    const message = `start authority: ${host} is not a name of this machine`;
    return new CertgrantError('HOST_NOT_FOUND', message, { fix, cause });
  }
  const what =
    code === 'EACCES' ? `port ${port} may not be taken by this user` : `cannot listen on ${host} port ${port}`;
  return new CertgrantError('USAGE', `start authority: ${what}`, { fix: 'Choose another port, above 1023', cause });
}
