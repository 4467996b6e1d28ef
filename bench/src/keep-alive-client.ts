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
  const kept = await Promise.all(
    Array.from(
      { length: connections },
      async () => new KeptConnection(await openSocket(hostname, Number(port), target.ca)),
    ),
  );
  let next = 0;
  let refused = 0;
  const start = performance.now();
  await Promise.all(
    kept.map(async (connection) => {
      for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
        if ((await connection.exchange(request)) !== 200) refused++;
      }
    }),
  );
  const wall = (performance.now() - start) * 1000;
  for (const connection of kept) connection.end();
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

interface Awaited {
  readonly resolve: (status: number) => void;
  readonly reject: (reason: unknown) => void;
}

/** A connection on which one request follows another. */
export class KeptConnection {
  readonly #socket: TLSSocket;
  #received = '';
  #awaited: Awaited | undefined;

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.once('close', () => this.#awaited?.reject(new Error('load: the server closed a kept connection')));
  }

  /** @returns the status of the answer, once all of it has arrived */
  exchange(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#awaited = { resolve, reject };
      this.#socket.write(request);
    });
  }

  end(): void {
    this.#awaited = undefined;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#received += chunk.toString('latin1');
    if (!isWhole(this.#received)) return;
    const status = Number(this.#received.slice(9, 12));
    this.#received = '';
    this.#awaited?.resolve(status);
  }
}

function isWhole(received: string): boolean {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd === -1) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, headEnd + 2))?.[1];
  // Without a length the body is chunked, and its last chunk is empty.
  return length === undefined ? received.endsWith('\r\n0\r\n\r\n') : received.length >= headEnd + 4 + Number(length);
}
