import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { CertgrantError, type Platform } from '@certgrant/core';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { ServerTls } from '../tls/server-tls.ts';

/** How long a client may take, in milliseconds: a stalled one must not hold anything for long. */
const limits = { headers: 10_000, request: 30_000, idle: 60_000, closing: 5_000 };

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  /** Lets the requests in flight finish, then leaves no socket behind. */
  close(): Promise<void>;
}

/**
 * Serves an app over TLS.
 *
 * @throws {CertgrantError} `PORT_IN_USE`; `HOST_NOT_FOUND` for a name that is none of this machine; `USAGE` for a port
 * that may not be taken
 */
export async function serve(
  app: Hono,
  { host, port, tls, platform }: { host: string; port: number; tls: ServerTls; platform: Platform },
): Promise<RunningServer> {
  const server = createServer({
    key: tls.key,
    cert: tls.cert,
    headersTimeout: limits.headers,
    requestTimeout: limits.request,
    keepAliveTimeout: limits.idle,
    handshakeTimeout: limits.headers,
    minVersion: 'TLSv1.2',
  });
  // The response and request classes of the process stay as they are.
  server.on('request', getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  const close = closer(server, platform);
  await listen(server, host, port);
  return { port: (server.address() as AddressInfo).port, close };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (thrown: NodeJS.ErrnoException) => reject(listenError(thrown, host, port)));
    server.listen({ host, port }, resolve);
  });
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): CertgrantError {
  const { code } = cause;
  if (code === 'EADDRINUSE') {
    const fix = 'Choose another port (0 takes a free one), or stop the program that has it';
    return new CertgrantError('PORT_IN_USE', `start authority: port ${port} is in use`, { fix, cause });
  }
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL' || code === 'EAI_AGAIN') {
    const fix = 'Listen on localhost, 127.0.0.1, ::1, or on an address of this machine';
    return new CertgrantError('HOST_NOT_FOUND', `start authority: ${host} is not a name of this machine`, {
      fix,
      cause,
    });
  }
  const what =
    code === 'EACCES' ? `port ${port} may not be taken by this user` : `cannot listen on ${host} port ${port}`;
  return new CertgrantError('USAGE', `start authority: ${what}`, { fix: 'Choose another port, above 1023', cause });
}

/** Keeps track of what is open, so that closing can end what is idle and wait for what is not. */
function closer(server: Server, platform: Platform): () => Promise<void> {
  const sockets = new Set<Socket>();
  const inFlight = new Set<ServerResponse>();
  let drained: (() => void) | undefined;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
    inFlight.add(response);
    response.once('close', () => {
      inFlight.delete(response);
      if (inFlight.size === 0) drained?.();
    });
  });
  return async () => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    server.closeIdleConnections();
    if (inFlight.size > 0)
      await finishing(inFlight, platform, (done) => {
        drained = done;
      });
    for (const socket of sockets) socket.destroy();
    await closed;
  };
}

/** Waits for the last response, but not forever; each is the last one of its connection. */
async function finishing(
  inFlight: ReadonlySet<ServerResponse>,
  platform: Platform,
  whenDrained: (done: () => void) => void,
): Promise<void> {
  for (const response of inFlight) if (!response.headersSent) response.setHeader('Connection', 'close');
  const waiting = new AbortController();
  const drained = new Promise<void>((resolve) => {
    whenDrained(resolve);
  });
  const patience = platform.delay(limits.closing, waiting.signal).catch(() => undefined);
  await Promise.race([drained, patience]);
  waiting.abort();
}
