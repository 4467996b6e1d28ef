import { join, relative, resolve } from 'node:path';
import { startAuthority } from '@certgrant/authority';
import { platformWith } from '@certgrant/core';
import { type Command, defineCommand } from '../command.ts';
import { Demo } from '../demo/demo.ts';
import type { Io } from '../io.ts';
import { portFrom } from '../options/port.ts';
import { makeFolder } from '../output/files.ts';
import { untilStopped } from '../output/until-stopped.ts';

const options = {
  out: { type: 'string', value: 'DIR', help: 'The folder for the files (default: .certgrant/demo)' },
  keep: { type: 'boolean', help: 'Leave the authority running until Ctrl-C, so that the commands shown can be tried' },
  port: { type: 'string', value: 'N', help: 'The port of the authority (default: a free one)' },
} as const;

export const command: Command = defineCommand({
  name: 'demo',
  summary: 'the whole way from a certificate to an API, offline, narrated',
  synopsis: ['[OPTIONS]'],
  description: [
    'Starts a local token authority, makes a certificate, registers an application with it, signs a client assertion, gets an access token and calls an API with it. Each step says what it does and what to type to do it alone. Nothing leaves this machine.',
    'The files lie in a folder of their own and are replaced at the next run.',
  ],
  options,
  examples: [
    { purpose: 'Watch it once', line: 'certgrant demo' },
    { purpose: 'Leave the authority running and try the commands in another terminal', line: 'certgrant demo --keep' },
  ],
  handle: async (values, io) => {
    const platform = platformWith(io.platform);
    const startedAt = platform.now();
    const folder = resolve(io.cwd, values.out ?? join('.certgrant', 'demo'));
    const port = portFrom(values.port, 0);
    makeFolder(folder);
    const { signal } = io;
    const demo = new Demo(shownPath(folder, io), io);
    // Both look for prime numbers, which is most of the work: at the same time.
    const starting = startAuthority({ port, platform: io.platform });
    const [creation] = await Promise.allSettled([demo.createCertificate()]);
    const authority = await starting;
    try {
      if (creation.status === 'rejected') throw creation.reason;
      await demo.tell(authority);
      const seconds = ((platform.now() - startedAt) / 1000).toFixed(1);
      io.stdout.write(`Done in ${seconds} s. The files are in ${shownPath(folder, io)}.\n`);
      if (!values.keep) {
        io.stdout.write('certgrant demo --keep leaves the authority running, so that the commands work as shown.\n');
        return;
      }
      io.stdout.write('The authority goes on running: try the commands in another terminal. Ctrl-C stops it.\n');
      await untilStopped(signal);
    } finally {
      await authority.close();
    }
  },
});

/** Relative where that is inside the current folder, which is shorter to type. */
function shownPath(path: string, { cwd }: Io): string {
  const shorter = relative(cwd, path);
  return shorter === '' || shorter.startsWith('..') ? path : shorter;
}
