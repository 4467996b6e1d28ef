import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createFetch } from '@certgrant/core/node';
import { expect, it, onTestFinished } from 'vitest';
import { program } from '../support/program.ts';

const wanted = 10_000;

/** How many files a process may have open here; raising it is up to the machine. */
function fileLimit(): number {
  if (process.platform === 'win32') return Number.POSITIVE_INFINITY;
  const hard = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}

/** Each runs in a process of its own: both need thousands of descriptors, and the server's memory is measured. */
const server = `
  import { startAuthority } from 'authority';
  import { createInterface } from 'node:readline';
  const authority = await startAuthority();
  const { url, tenantId, ca } = authority;
  console.log(JSON.stringify({ url, tenantId, ca }));
  for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify({ line, ...process.memoryUsage() }));
  await authority.close();
`;

/** Opens connections, half of which get through the handshake of TLS; none asks for anything. */
const attacker = `
  import { connect as connectPlain } from 'node:net';
  import { connect } from 'node:tls';
  const [port, ca, count] = [Number(process.argv[2]), process.env.CA, Number(process.argv[3])];
  let [opened, ended] = [0, 0];
  for (let begun = 0; begun < count; begun += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, index) => new Promise((resolve) => {
      const secure = index % 4 === 0;
      const socket = secure ? connect({ host: '127.0.0.1', port, ca, servername: 'localhost' }) : connectPlain(port, '127.0.0.1');
      socket.once(secure ? 'secureConnect' : 'connect', () => { opened++; resolve(); });
      socket.on('error', () => undefined);
      socket.once('close', () => { ended++; resolve(); if (ended === count) console.log('all ended'); });
      socket.resume();
    })));
  }
  console.log('opened ' + opened);
  setTimeout(() => undefined, 120_000);
`;

it('10,000 idle connections are held in bounded memory and ended in bounded time, and good clients are served', {
  timeout: 180_000,
}, async ({ skip }) => {
  const limit = fileLimit();
  if (limit < wanted + 500) skip(`a process may have ${limit} files open here`);
  const [serving, attacking] = [await program(server), await program(attacker)];
  const children: ChildProcess[] = [];
  onTestFinished(() => {
    for (const child of children) child.kill('SIGKILL');
    serving.remove();
    attacking.remove();
  });
  const start = (
    file: string,
    args: readonly string[],
    env = {},
  ): { child: ChildProcess; line: () => Promise<string> } => {
    const child = spawn('sh', ['-c', 'ulimit -n "$(ulimit -Hn)"; exec "$@"', 'sh', process.execPath, file, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    children.push(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, line: async () => String((await lines.next()).value) };
  };
  const authority = start(serving.file, []);
  const { url, tenantId, ca } = JSON.parse(await authority.line());
  const rss = async (): Promise<number> => {
    authority.child.stdin?.write('memory\n');
    return JSON.parse(await authority.line()).rss;
  };
  const fetch = createFetch({ ca: [ca], env: {} });
  onTestFinished(() => fetch.close());
  const ask = async (): Promise<number> => {
    const answer = await fetch(`${url}/${tenantId}/discovery/v2.0/keys`);
    await answer.arrayBuffer();
    return answer.status;
  };
  expect(await ask()).toBe(200);
  const before = await rss();
  const attack = start(attacking.file, [new URL(url).port, String(wanted)], { CA: ca });
  const opened = attack.line();
  let isOver = false;
  void opened.then(() => {
    isOver = true;
  });
  const statuses = new Set<number>();
  let asked = 0;
  while (!isOver) {
    statuses.add(await ask());
    asked++;
  }
  expect(await opened).toMatch(/^(opened \d+|all ended)$/);
  expect([...statuses]).toEqual([200]);
  expect(asked).toBeGreaterThan(10);
  expect((await rss()) - before).toBeLessThan(500 * 1024 * 1024);
  // Not one is left when the time for a request's headers is over.
  expect(await attack.line()).toMatch(/^(all ended|opened \d+)$/);
  expect(await ask()).toBe(200);
  authority.child.stdin?.end();
  await once(authority.child, 'close');
});
