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
    const load = [3, 2, 1].map((count) => commands[words.slice(0, count).join(' ')]).find((each) => each !== undefined);
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

/** The first words of commands with more than that, such as `cert` or `app keys`. */
function groupOverview(words: readonly string[], commands: Commands): string | undefined {
  return [2, 1]
    .map((count) => words.slice(0, count).join(' '))
    .find((group) => Object.keys(commands).some((name) => name.startsWith(`${group} `)));
}

function unknownCommand(words: readonly string[], commands: Commands): CertgrantError {
  const names = Object.keys(commands);
  const plain = words.filter((word) => !word.startsWith('-'));
  const [first = ''] = plain;
  const group = groupOverview(words, commands);
  if (first === '') {
    return new CertgrantError('USAGE', 'certgrant: an option stands where the command should', {
      fix: 'The command comes first: certgrant COMMAND [OPTIONS]; certgrant --help lists the commands',
    });
  }
  if (group !== undefined) {
    const members = names.filter((name) => name.startsWith(`${group} `));
    const next = plain[group.split(' ').length];
    const near = next === undefined ? undefined : suggest(`${group} ${next}`, members);
    return new CertgrantError(
      'USAGE',
      next === undefined
        ? `${group}: a ${group.includes(' ') ? 'third' : 'second'} word is missing`
        : `${group}: there is no such command`,
      { fix: near === undefined ? `Write one of ${members.join(', ')}` : `Did you mean certgrant ${near}?` },
    );
  }
  const near = suggest(first, names) ?? names.find((name) => name.endsWith(` ${first}`));
  return new CertgrantError('USAGE', 'certgrant: there is no such command', {
    fix: near === undefined ? 'certgrant --help lists the commands' : `Did you mean certgrant ${near}?`,
  });
}
