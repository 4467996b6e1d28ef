import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Authority } from '../../src/index.ts';
import { type Daemon, daemonOf } from './daemon.ts';

/** A client that writes octets of its own choice over TLS, as an attacker does. */
export interface RawClient {
  readonly socket: TLSSocket;
  write(text: string | Uint8Array): void;
  /** What has come so far. */
  received(): string;
  /** Waits until what has come matches, or the connection has ended. */
  until(pattern: RegExp): Promise<string>;
  /** Everything that comes until the server ends the connection. */
  ended(): Promise<string>;
}

export async function rawClient({ url, ca }: Pick<Authority, 'url' | 'ca'>): Promise<RawClient> {
  const socket = connect({ host: 'localhost', port: Number(new URL(url).port), ca });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  // A reset is one of the ways in which a server ends a connection.
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  return {
    socket,
    write: (data) => void socket.write(data),
    received: () => text,
    until: async (pattern) => {
      while (!pattern.test(text) && !socket.closed) {
        await Promise.race([once(socket, 'data'), once(socket, 'close')]).catch(() => undefined);
      }
      return text;
    },
    ended: async () => {
      if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
      return text;
    },
  };
}

/** A client that does as it should, all the time that something else goes on. */
export interface GoodClient {
  /** Stops, and says how it went: every request must have been granted. */
  stop(): Promise<{ readonly granted: number; readonly others: readonly number[]; readonly slowest: number }>;
}

/** Asks for one token after the other. */
export async function goodClient(authority: Authority): Promise<GoodClient> {
  const daemon: Daemon = await daemonOf(authority);
  let [granted, slowest, isStopped] = [0, 0, false];
  const others: number[] = [];
  const going = (async () => {
    while (!isStopped) {
      const begun = performance.now();
      const { status } = await daemon.ask().then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer;
        },
        () => ({ status: 0 }),
      );
      slowest = Math.max(slowest, performance.now() - begun);
      if (status === 200) granted++;
      else others.push(status);
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await going;
      return { granted, others, slowest };
    },
  };
}
