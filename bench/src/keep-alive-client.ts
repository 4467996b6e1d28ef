import { connect, type TLSSocket } from 'node:tls';

/** What a load run came to. */
export interface Load {
  readonly answered: number;
  /** Answers with another status than 200. */
  readonly refused: number;
  /** In microseconds. */
  readonly wall: number;
}

/**
 * Sends ready-made HTTP/1.1 requests over kept connections, one at a time on each: as little work as a client can do,
 * since whatever it spends is missing at the server.
 */
export async function sendAll(
  target: { readonly url: string; readonly ca: string },
  requests: readonly Buffer[],
  connections: number,
): Promise<Load> {
  const { hostname, port } = new URL(target.url);
  const sockets = await Promise.all(
    Array.from({ length: connections }, () => openSocket(hostname, Number(port), target.ca)),
  );
  let next = 0;
  let refused = 0;
  const start = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
        if ((await exchange(socket, request)) !== 200) refused++;
      }
    }),
  );
  const wall = (performance.now() - start) * 1000;
  for (const socket of sockets) socket.destroy();
  return { answered: requests.length, refused, wall };
}

/** A kept connection to `localhost`. */
export function openSocket(host: string, port: number, ca: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ca, servername: 'localhost', ALPNProtocols: ['http/1.1'] });
    socket
      .setNoDelay(true)
      .once('secureConnect', () => resolve(socket))
      .once('error', reject);
  });
}

/** @returns the status of the answer, once all of it has arrived */
export function exchange(socket: TLSSocket, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let received = '';
    const closed = (): void => reject(new Error('load: the server closed a kept connection'));
    const read = (chunk: Buffer): void => {
      received += chunk.toString('latin1');
      if (!isWhole(received)) return;
      socket.off('data', read).off('close', closed);
      resolve(Number(received.slice(9, 12)));
    };
    socket.on('data', read).once('close', closed);
    socket.write(request);
  });
}

function isWhole(received: string): boolean {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd === -1) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, headEnd + 2))?.[1];
  // Without a length the body is chunked, and its last chunk is empty.
  return length === undefined ? received.endsWith('\r\n0\r\n\r\n') : received.length >= headEnd + 4 + Number(length);
}
