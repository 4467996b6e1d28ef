import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** An HTTP proxy on this machine that does with CONNECT what the test says. */
export interface TestProxy {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** What it was asked to connect to, and with which credentials. */
  readonly asked: { readonly target: string; readonly authorization: string | undefined }[];
  close(): void;
}

export type Answer = (client: Duplex, request: IncomingMessage) => void;

/** @param identity makes it one that is spoken to by TLS */
export async function startProxy(
  answer: Answer,
  identity?: { readonly key: string; readonly cert: string },
): Promise<TestProxy> {
  const asked: { target: string; authorization: string | undefined }[] = [];
  const server = identity === undefined ? createServer() : createTlsServer(identity);
  server.on('connect', (request, client: Duplex) => {
    client.on('error', () => {});
    asked.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] });
    answer(client, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Whatever name is asked for is this server. */
export function leadTo(port: number): Answer {
  return (client) => {
    const upstream: Socket = connect(port, 'localhost', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client);
      client.pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  };
}

export function refuseWith(status: string, header = ''): Answer {
  return (client) => client.end(`HTTP/1.1 ${status}\r\n${header}\r\n`);
}
