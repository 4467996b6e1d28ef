import { describe, expect, it } from 'vitest';
import { daemonOf, started } from '../support/daemon.ts';
import { goodClient, rawClient } from '../support/raw-client.ts';

const megabyte = 1024 * 1024;

describe('a request that is too large', () => {
  it.each([
    ['POST', '/x/oauth2/v2.0/token', 'application/x-www-form-urlencoded'],
    ['POST', '/x/oauth2/v2.0/token', 'text/plain'],
    ['POST', '/graph/v1.0/applications', 'application/json'],
    ['POST', '/certgrant/forge', 'application/json'],
  ])('(%s %s, %s) is answered with 413 before all of it has come, said or chunked', async (method, path, type) => {
    const authority = await started();
    const good = await goodClient(authority);
    const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nAuthorization: Bearer ${authority.adminToken}\r\n`;
    const said = await rawClient(authority);
    said.write(`${head}Content-Length: ${1000 * megabyte}\r\n\r\n`);
    expect(await said.until(/^HTTP\/1\.1 \d+/)).toMatch(/^HTTP\/1\.1 413/);
    const chunked = await rawClient(authority);
    chunked.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    for (let count = 0; count < 20; count++) chunked.write(chunk);
    expect(await chunked.until(/^HTTP\/1\.1 \d+/)).toMatch(/^HTTP\/1\.1 413/);
    expect((await good.stop()).others).toEqual([]);
  });

  it('does not go on for ever: the connection ends although the client keeps sending', {
    timeout: 60_000,
  }, async () => {
    const authority = await started();
    const endless = await rawClient(authority);
    endless.write('POST /x/oauth2/v2.0/token HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    let sent = 0;
    const begun = performance.now();
    const send = (): void => {
      while (endless.socket.writable && sent++ < 100_000) if (!endless.socket.write(chunk)) return;
    };
    endless.socket.on('drain', send);
    send();
    await endless.ended();
    expect(performance.now() - begun).toBeLessThan(45_000);
  });

  it.each([
    ['header', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['path', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ['number of headers', `GET / HTTP/1.1\r\nHost: localhost\r\n${'X: y\r\n'.repeat(50_000)}\r\n`],
  ])('(its %s) is answered with 431 and the connection ends', async (_, text) => {
    const authority = await started();
    const client = await rawClient(authority);
    client.write(text);
    expect(await client.ended()).toMatch(/^(HTTP\/1\.1 431|$)/);
    expect((await (await daemonOf(authority)).ask()).status).toBe(200);
  });

  it('does not stay in memory when a thousand refused ones have come', { timeout: 120_000 }, async () => {
    const authority = await started();
    const daemon = await daemonOf(authority);
    const scope = 'x'.repeat(900 * 1024);
    const before = process.memoryUsage();
    for (let count = 0; count < 150; count++) {
      const answer = await daemon.ask({ form: { scope, grant_type: 'client_credentials', client_id: daemon.appId } });
      await answer.arrayBuffer();
    }
    global.gc?.();
    // A hundred and fifty of them would be 270 MB.
    expect(process.memoryUsage().heapUsed - before.heapUsed).toBeLessThan(120 * megabyte);
  });
});
