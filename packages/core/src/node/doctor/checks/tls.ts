import type { DetailedPeerCertificate } from 'node:tls';
import { relativeTime } from '../../../jwt/token-time.ts';
import { networkError } from '../../../lib/network-error.ts';
import {
  type Check,
  defineCheck,
  failed,
  type Network,
  type Outcome,
  passed,
  skipped,
  type Way,
  warned,
} from '../check.ts';
import { askForTunnel, connectWay, type Handshake, shakeHands } from '../sockets.ts';

/** A server's certificate this close to its end is worth a word, in milliseconds. */
const nearExpiry = 7 * 86_400_000;

/** Whether the server speaks TLS, with a certificate for its name from a CA that is trusted. */
export const tls: Check = defineCheck({
  id: 'tls',
  doing: 'shake hands with the server',
  needs: ['way', 'server', 'network', 'tunnelled'],
  gives: ['reached'],
  run: async ({ way, server, network }, { signal, platform }) => {
    if (server.protocol === 'http:') return skipped('http to this machine is not encrypted', { reached: true });
    if (way.proxy?.protocol.startsWith('socks')) {
      return skipped('through a SOCKS proxy the requests themselves tell', { reached: true });
    }
    try {
      const handshake = await shakeThrough(way, server, network, signal);
      if (handshake.refusal === undefined) return trusted(handshake, network, platform.now());
      return refused(handshake.refusal, handshake, server.host, network);
    } catch (thrown) {
      signal.throwIfAborted();
      return refused(thrown, undefined, server.host, network);
    }
  },
});

async function shakeThrough(way: Way, server: URL, network: Network, signal: AbortSignal): Promise<Handshake> {
  const socket = await connectWay(way, network, signal);
  if (way.proxy !== undefined) {
    const answer = await askForTunnel(socket, { server, proxy: way.proxy }, signal);
    if (answer === undefined) throw Object.assign(new Error('closed'), { code: 'ECONNRESET' });
  }
  const { handshake, secured } = await shakeHands(socket, server, network.trust, signal);
  secured.destroy();
  return handshake;
}

function trusted({ protocol, chain }: Handshake, { added }: Network, now: number): Outcome {
  const [leaf] = chain;
  const ends = leaf === undefined ? Number.NaN : Date.parse(leaf.valid_to);
  const by = chain.flatMap(({ fingerprint256 }) => added.get(fingerprint256) ?? [])[0] ?? 'default';
  const detail = `${protocol}; ${chainInWords(chain)}; ends ${relativeTime(ends - now)}; trusted by ${by}`;
  if (!(ends - now < nearExpiry)) return passed(detail, { reached: true });
  return warned(detail, "Have the server's certificate renewed before it ends", { reached: true });
}

function refused(thrown: unknown, handshake: Handshake | undefined, host: string, { problem }: Network): Outcome {
  const { code, message, fix } = networkError(thrown, 'shake hands', host);
  const seen =
    handshake === undefined ? '' : `; it shows ${chainInWords(handshake.chain)}${endInWords(handshake.chain)}`;
  const isUnknown = code === 'TLS_NOT_TRUSTED' && problem !== undefined;
  return failed(`${message}${seen}${isUnknown ? `; ${problem}` : ''}`, fix, code);
}

function endInWords([leaf]: readonly DetailedPeerCertificate[]): string {
  return leaf === undefined ? '' : `, for ${leaf.subjectaltname ?? 'no name'}, valid until ${leaf.valid_to}`;
}

function chainInWords(chain: readonly DetailedPeerCertificate[]): string {
  const [leaf] = chain;
  if (leaf === undefined) return 'no certificate';
  const root = chain.at(-1);
  const issuer = nameOf(root?.issuer ?? leaf.issuer);
  const between = chain.length > 2 ? ` through ${chain.length - 2} more` : '';
  return `a certificate of ${nameOf(leaf.subject)} from ${issuer}${between}`;
}

function nameOf(name: DetailedPeerCertificate['subject'] | undefined): string {
  const first = (value: unknown): string | undefined => (Array.isArray(value) ? String(value[0]) : (value as string));
  return first(name?.CN) ?? first(name?.O) ?? 'somebody without a name';
}
