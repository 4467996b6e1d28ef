import { CertgrantError } from '@certgrant/core';
import type { Command } from '../command.ts';
import type { Io } from '../io.ts';
import { suggest } from '../suggest.ts';
import { version } from '../version.ts';
import { overview } from './overview.ts';
import { renderHelp } from './render.ts';

type Commands = Readonly<Record<string, () => Promise<{ readonly command: Command }>>>;

/** A line that begins with no command: a wish for help or for the version, or a word that is mistyped. */
export async function runWithoutCommand(argv: readonly string[], io: Io, commands: Commands): Promise<number> {
  const [first, ...rest] = argv;
  if (first === '--version' || first === '-V' || first === 'version') {
    io.stdout.write(`${version}\n`);
    return 0;
  }
  if (first === '--help' || first === '-h' || (first === 'help' && rest.length === 0)) {
    io.stdout.write(overview(io.stdout));
    return 0;
  }
  if (first === undefined) {
    io.stderr.write(overview(io.stderr));
    return 2;
  }
  const words = first === 'help' ? rest : argv;
  const group = groupOverview(words, commands);
  if (first === 'help' || rest.includes('--help') || rest.includes('-h')) {
    const load = commands[words.slice(0, 2).join(' ')] ?? commands[words[0] ?? ''];
    if (load !== undefined) {
      io.stdout.write(renderHelp((await load()).command, io.stdout));
      return 0;
    }
    if (group !== undefined) {
      io.stdout.write(overview(io.stdout, group));
      return 0;
    }
  }
  throw unknownCommand(words, commands);
}

/** The first word of two-word commands, such as `cert`. */
function groupOverview(words: readonly string[], commands: Commands): string | undefined {
  const [first = ''] = words;
  return Object.keys(commands).some((name) => name.startsWith(`${first} `)) ? first : undefined;
}

function unknownCommand(words: readonly string[], commands: Commands): CertgrantError {
  const names = Object.keys(commands);
  const [first = '', second] = words.filter((word) => !word.startsWith('-'));
  const group = groupOverview(words, commands);
  if (first === '') {
    return new CertgrantError('USAGE', 'certgrant: an option stands where the command should', {
      fix: 'The command comes first: certgrant COMMAND [OPTIONS]; certgrant --help lists the commands',
    });
  }
  if (group !== undefined) {
    const members = names.filter((name) => name.startsWith(`${group} `));
    const near = second === undefined ? undefined : suggest(`${group} ${second}`, members);
    return new CertgrantError(
      'USAGE',
      second === undefined ? `${group}: a second word is missing` : `${group}: there is no such command`,
      { fix: near === undefined ? `Write one of ${members.join(', ')}` : `Did you mean certgrant ${near}?` },
    );
  }
  const near = suggest(first, names) ?? names.find((name) => name.endsWith(` ${first}`));
  return new CertgrantError('USAGE', 'certgrant: there is no such command', {
    fix: near === undefined ? 'certgrant --help lists the commands' : `Did you mean certgrant ${near}?`,
  });
}
