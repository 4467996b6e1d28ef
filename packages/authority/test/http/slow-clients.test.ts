import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Authority } from '../../src/index.ts';
import { daemonOf, started } from '../support/daemon.ts';
import { goodClient, rawClient } from '../support/raw-client.ts';

/** How long a client may take here, in milliseconds, with the pace at which the server looks for late ones. */
const bound = { headers: 20_000, body: 42_000 };

describe('a slow client', () => {
  const head =
    'POST /x/oauth2/v2.0/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n';

  /** How long a client that goes on a byte at a time after its beginning is put up with. */
  async function dripping(authority: Authority, beginning: string): Promise<number> {
    const { socket, ended } = await rawClient(authority);
    const begun = performance.now();
    socket.write(beginning);
    const drip = setInterval(() => beginning !== '' && socket.writable && socket.write('x'), 100);
    await ended();
    clearInterval(drip);
    return performance.now() - begun;
  }

  it('that sends headers, body or chunks a byte at a time, or nothing, is cut off while a good one is served', {
    timeout: 60_000,
  }, async () => {
    const authority = await started();
    const good = await goodClient(authority);
    const [nothing = 0, headers = 0, body = 0, chunks = 0] = await Promise.all([
      dripping(authority, ''),
      dripping(authority, 'GET / HTTP/1.1\r\nHost: localhost\r\nX: '),
      dripping(authority, `${head}Content-Length: 1000000\r\n\r\n`),
      dripping(authority, `${head}Transfer-Encoding: chunked\r\n\r\nfffff\r\n`),
    ]);
    expect(Math.max(nothing, headers)).toBeLessThan(bound.headers);
    expect(Math.max(body, chunks)).toBeLessThan(bound.body);
    const { granted, others } = await good.stop();
    expect(granted).toBeGreaterThan(10);
    expect(others).toEqual([]);
  });

  it('that never says hello in TLS is cut off in bounded time', { timeout: 60_000 }, async () => {
    const authority = await started();
    const socket = connectPlain(Number(new URL(authority.url).port), 'localhost');
    const begun = performance.now();
    await once(socket.resume(), 'close');
    expect(performance.now() - begun).toBeLessThan(bound.headers);
  });

  it('that asks without end and reads no answer makes the server hold little, while a good one is served', {
    timeout: 60_000,
  }, async () => {
    const authority = await started();
    const daemon = await daemonOf(authority);
    const greedy = await rawClient(authority);
    greedy.socket.pause();
    const request =
      `GET /${authority.tenantId}/v2.0/.well-known/openid-configuration HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(
        1000,
      );
    const before = process.memoryUsage().rss;
    // It is written as long as the server takes it: the server stops reading, or gives the connection up.
    let written = 0;
    const send = (): void => {
      while (greedy.socket.writable && written++ < 10_000) if (!greedy.socket.write(request)) return;
    };
    greedy.socket.on('drain', send);
    send();
    for (let count = 0; count < 50; count++) {
      const answer = await daemon.ask();
      await answer.arrayBuffer();
      expect(answer.status).toBe(200);
    }
    expect(written).toBeLessThan(1000);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  });
});
