import type { Command } from './command.ts';
import { type Io, OutputClosedError } from './io.ts';

/** Each command is loaded only when it runs: what a command does not use does not cost it anything. */
export const commands: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  demo: () => import('./commands/demo.ts'),
  'cert create': () => import('./commands/cert-create.ts'),
  'cert inspect': () => import('./commands/cert-inspect.ts'),
  'cert convert': () => import('./commands/cert-convert.ts'),
  'cert check': () => import('./commands/cert-check.ts'),
  'cert request': () => import('./commands/cert-request.ts'),
  'cert join': () => import('./commands/cert-join.ts'),
  assertion: () => import('./commands/assertion.ts'),
  token: () => import('./commands/token.ts'),
  decode: () => import('./commands/decode.ts'),
  verify: () => import('./commands/verify.ts'),
  explain: () => import('./commands/explain.ts'),
  doctor: () => import('./commands/doctor.ts'),
  export: () => import('./commands/export.ts'),
  rotate: () => import('./commands/rotate.ts'),
  'rotate status': () => import('./commands/rotate-status.ts'),
  'rotate undo': () => import('./commands/rotate-undo.ts'),
  authority: () => import('./commands/authority.ts'),
  'authority trust': () => import('./commands/authority-trust.ts'),
  'app register': () => import('./commands/app-register.ts'),
  'app keys list': () => import('./commands/app-keys-list.ts'),
  'app keys add': () => import('./commands/app-keys-add.ts'),
  'app keys remove': () => import('./commands/app-keys-remove.ts'),
  proof: () => import('./commands/proof.ts'),
};

/** The exit codes that every command has; one that has more says so in its help. */
const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/**
 * Runs one command line.
 *
 * It never rejects and never ends the process: whatever happens is reported on `io.stderr` and in the exit code.
 *
 * @param argv the arguments without the program's name
 * @returns the exit code
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (thrown) {
    // `certgrant … | head -1`: there is nobody left to tell, and nothing went wrong.
    if (thrown instanceof OutputClosedError) return exitCodes.done;
    const { report } = await import('./report.ts');
    return report(thrown, argv, io);
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const { name, rest } = commandOf(argv);
  const load = commands[name];
  if (load === undefined) {
    const { runWithoutCommand } = await import('./help/without-command.ts');
    return runWithoutCommand(argv, io, commands);
  }
  const { command } = await load();
  if (asksForHelp(rest)) {
    const { renderHelp } = await import('./help/render.ts');
    io.stdout.write(renderHelp(command, io.stdout));
    return exitCodes.done;
  }
  return (await command.run(rest, io)) ?? exitCodes.done;
}

/** A command's name is one word to three; options come after it. */
function commandOf(argv: readonly string[]): { name: string; rest: readonly string[] } {
  for (const words of [3, 2, 1]) {
    const name = argv.slice(0, words).join(' ');
    if (Object.hasOwn(commands, name)) return { name, rest: argv.slice(words) };
  }
  return { name: '', rest: argv };
}

/** `--help` wins over everything else on the line, so that it also helps with a line that is wrong. */
function asksForHelp(rest: readonly string[]): boolean {
  const end = rest.indexOf('--');
  return (end === -1 ? rest : rest.slice(0, end)).some((word) => word === '--help' || word === '-h');
}
