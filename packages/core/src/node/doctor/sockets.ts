import { execFile } from 'node:child_process';
import { connect as connectSocket, isIP, type Socket } from 'node:net';
import { type DetailedPeerCertificate, connect as startTls, type TLSSocket } from 'node:tls';
import type { TlsTrust } from '../trust.ts';
import type { Network, Way } from './check.ts';

/*
 * The only place where the doctor touches the network by itself. Everything ends when the signal is aborted, with the
 * signal's reason; nothing that is sent here is secret, but the credentials that a proxy is given.
 */

/** A host's name as sockets take it: an IPv6 address without its brackets. */
export function socketHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

export function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

/** What the process of {@link lookUp} runs. */
const lookUpProgram = `require('node:dns').lookup(process.argv[1], { all: true }, (error, found) =>
  process.stdout.write(JSON.stringify(error ? { code: error.code } : { addresses: found.map(({ address }) => address) })))`;

/**
 * The addresses of a host, by the system's own way of finding them, as every request looks them up.
 *
 * In a process of its own: the system's call cannot be broken off, and Node does not end while one is under way, which
 * takes as long as the name servers that do not answer are waited for.
 */
export function lookUp(host: string, signal: AbortSignal): Promise<readonly string[]> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['-e', lookUpProgram, '--', host],
      { env, signal, killSignal: 'SIGKILL' },
      (failure, output) => {
        if (failure) return reject(signal.aborted ? signal.reason : failure);
        const { code, addresses } = JSON.parse(output) as { code?: string; addresses?: readonly string[] };
        if (addresses !== undefined) resolve(addresses);
        else reject(Object.assign(new Error('look up failed'), { code }));
      },
    );
  });
}

export function connectTcp({ host, port }: Pick<Way, 'host' | 'port'>, signal: AbortSignal): Promise<Socket> {
  return whenReady(connectSocket({ host, port }), 'connect', signal);
}

/** What a proxy says when it is asked for a connection (RFC 9110 §9.3.6). */
export interface TunnelAnswer {
  readonly status: number;
  /** The ways of proving who one is that a 407 names, without their parameters. */
  readonly schemes: readonly string[];
}

/** Far more than a proxy's headers. */
const longestAnswer = 65_536;

/** Asks a proxy to connect to `server`. Without an answer, the error is that of the socket or `undefined`. */
export function askForTunnel(
  socket: Socket,
  { server, proxy }: { readonly server: URL; readonly proxy: URL },
  signal: AbortSignal,
): Promise<TunnelAnswer | undefined> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const abort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    const read = (chunk: Buffer): void => {
      answer += chunk.toString('latin1');
      if (!answer.includes('\r\n\r\n') && answer.length < longestAnswer) return;
      signal.removeEventListener('abort', abort);
      socket.off('data', read).pause();
      resolve(readTunnelAnswer(answer));
    };
    socket
      .on('error', reject)
      .once('close', () => resolve(undefined))
      .on('data', read);
    const target = `${server.hostname}:${portOf(server)}`;
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${proxyAuthorization(proxy)}\r\n`);
  });
}

function readTunnelAnswer(answer: string): TunnelAnswer | undefined {
  const status = /^HTTP\/1\.[01] (\d{3})\b/.exec(answer)?.[1];
  if (status === undefined) return undefined;
  const schemes = [...answer.matchAll(/^proxy-authenticate: ?([\w-]{1,30})/gim)].map(([, scheme]) => String(scheme));
  return { status: Number(status), schemes };
}

function proxyAuthorization({ username, password }: URL): string {
  if (username === '') return '';
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Proxy-Authorization: Basic ${Buffer.from(pair).toString('base64')}\r\n`;
}

/** What a TLS server showed. */
export interface Handshake {
  /** `TLSv1.3` */
  readonly protocol: string | null;
  /** Why it is not trusted; `undefined` when it is. */
  readonly refusal: Error | undefined;
  /** The server's own certificate, then its issuers as far as they are known; empty when it showed none. */
  readonly chain: readonly DetailedPeerCertificate[];
}

/**
 * Shakes hands with a TLS server. One that is not trusted is looked at all the same, since its certificate tells why;
 * nothing is sent to it.
 *
 * The socket is the TLS one's from here on, and is closed with it: closing it underneath crashes Node 20.
 */
export async function shakeHands(
  socket: Socket,
  server: URL,
  trust: TlsTrust,
  signal: AbortSignal,
): Promise<{ readonly handshake: Handshake; readonly secured: TLSSocket }> {
  const host = socketHost(server);
  const name = isIP(host) === 0 ? { servername: host } : {};
  const started = startTls({ socket, host, ...name, ...trust, rejectUnauthorized: false });
  const secured = await whenReady(started, 'secureConnect', signal);
  const refusal = secured.authorized ? undefined : asError(secured.authorizationError);
  const handshake = { protocol: secured.getProtocol(), refusal, chain: chainOf(secured.getPeerCertificate(true)) };
  return { handshake, secured };
}

/** Node gives an error, or the code alone. */
function asError(refusal: unknown): Error {
  if (refusal instanceof Error) return refusal;
  return Object.assign(new Error(String(refusal)), { code: String(refusal) });
}

/** The certificate's issuers; the root names itself. */
function chainOf(leaf: DetailedPeerCertificate): readonly DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  for (let one: DetailedPeerCertificate | undefined = leaf; one?.fingerprint256 !== undefined; ) {
    if (chain.some(({ fingerprint256 }) => fingerprint256 === one?.fingerprint256)) break;
    chain.push(one);
    one = one.issuerCertificate;
  }
  return chain;
}

/** A connection to the proxy on the way, encrypted where its URL says so; to the server where there is no proxy. */
export async function connectWay(way: Way, { trust }: Network, signal: AbortSignal): Promise<Socket> {
  const socket = await connectTcp(way, signal);
  if (way.proxy?.protocol !== 'https:') return socket;
  const { handshake, secured } = await shakeHands(socket, way.proxy, trust, signal);
  if (handshake.refusal === undefined) return secured;
  secured.destroy();
  throw handshake.refusal;
}

/** The socket when the event has come. Until then it is closed when the signal is aborted; afterwards by who has it. */
function whenReady<S extends Socket>(socket: S, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<S> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    // For as long as the socket lives: an error that nobody hears would end the process.
    socket.on('error', reject);
    socket.once(event, () => {
      signal.removeEventListener('abort', abort);
      resolve(socket);
    });
  });
}
