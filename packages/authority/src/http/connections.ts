import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Platform } from '@certgrant/core';

/** How many connections are held at once: far more than real clients need, and a bound on memory. */
const mostConnections = 4_000;

/** How long a response may still take once the server is closing, in milliseconds. */
const patience = 5_000;

/** What is open at a server, so that closing can end what is idle and wait for what is not. */
export class Connections {
  readonly #platform: Platform;
  /** By their other end: the plain socket and the one of TLS on top of it have that in common. Least recently used first. */
  readonly #sockets = new Map<string, Socket>();
  readonly #keys = new WeakMap<Socket, string>();
  readonly #inFlight = new Map<ServerResponse, string>();
  #whenDrained: (() => void) | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      const key = otherEnd(socket);
      this.#sockets.set(key, socket);
      if (this.#sockets.size > mostConnections) this.#endLeastRecent();
      socket.once('close', () => this.#sockets.delete(key));
    });
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      const key = this.#keyOf(socket);
      this.#inFlight.set(response, key);
      this.#use(key);
      response.once('close', () => {
        this.#inFlight.delete(response);
        if (this.#inFlight.size === 0) this.#whenDrained?.();
      });
    });
  }

  /** Ends what is idle, lets responses in flight be the last ones of their connections, and ends the rest. */
  async close(servers: readonly Server[]): Promise<void> {
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
    const busy = new Set(this.#inFlight.values());
    for (const [key, socket] of this.#sockets) if (!busy.has(key)) socket.destroy();
    if (this.#inFlight.size > 0) await this.#drained();
    for (const socket of this.#sockets.values()) socket.destroy();
    await Promise.all(closed);
  }

  /**
   * Whoever holds connections open must not keep others out: what has done nothing for the longest time goes. A client
   * that asks and is answered is never among those.
   */
  #endLeastRecent(): void {
    const [socket] = this.#sockets.values();
    socket?.destroy();
  }

  /** The same for all requests of a connection. */
  #keyOf(socket: Socket): string {
    const known = this.#keys.get(socket);
    if (known !== undefined) return known;
    const key = otherEnd(socket);
    this.#keys.set(socket, key);
    return key;
  }

  #use(key: string): void {
    const socket = this.#sockets.get(key);
    if (socket === undefined || !this.#sockets.delete(key)) return;
    this.#sockets.set(key, socket);
  }

  async #drained(): Promise<void> {
    for (const response of this.#inFlight.keys()) if (!response.headersSent) response.shouldKeepAlive = false;
    const waiting = new AbortController();
    const drained = new Promise<void>((resolve) => {
      this.#whenDrained = resolve;
    });
    const tired = this.#platform.delay(patience, waiting.signal).catch(() => undefined);
    await Promise.race([drained, tired]);
    waiting.abort();
  }
}

function otherEnd({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
