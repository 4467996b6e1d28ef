import { describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { OutputClosedError } from '../src/io.ts';
import { commands } from '../src/run.ts';
import { version } from '../src/version.ts';
import { certgrant } from './support/run.ts';

describe('certgrant', () => {
  test('certgrant --version prints the version of the package', async () => {
    expect(version).toBe(manifest.version);
    expect(await certgrant(['--version'])).toMatchObject({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });

  test('certgrant alone prints the overview on standard error and ends with 2', async () => {
    const { code, stdout, stderr } = await certgrant([]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    for (const name of Object.keys(commands)) expect(stderr).toContain(name);
  });

  test.each([[['--help']], [['-h']], [['help']]])('certgrant %j prints the overview', async (argv) => {
    const { code, stdout, stderr } = await certgrant(argv);
    expect([code, stderr]).toEqual([0, '']);
    for (const name of Object.keys(commands)) expect(stdout).toContain(name);
  });

  test.each([[['help', 'cert', 'create']], [['cert', 'create', '--help']], [['cert', 'create', '--days', '-h']]])(
    'certgrant %j prints the help of the command',
    async (argv) => {
      const { code, stdout } = await certgrant(argv);
      expect(code).toBe(0);
      expect(stdout).toContain('certgrant cert create --subject');
    },
  );

  test.each([[['help', 'cert']], [['cert', '--help']]])(
    'certgrant %j lists the commands of the group',
    async (argv) => {
      const { code, stdout } = await certgrant(argv);
      expect(code).toBe(0);
      expect(stdout).toContain('cert inspect');
      expect(stdout).not.toContain('authority');
    },
  );

  test.each([
    [['asertion'], 'certgrant: there is no such command', 'Did you mean certgrant assertion?'],
    [['inspect', 'f'], 'certgrant: there is no such command', 'Did you mean certgrant cert inspect?'],
    [
      ['cert'],
      'cert: a second word is missing',
      'Write one of cert create, cert inspect, cert convert, cert check, cert request, cert join',
    ],
    [['cert', 'crate'], 'cert: there is no such command', 'Did you mean certgrant cert create?'],
    [['help', 'tokn'], 'certgrant: there is no such command', 'Did you mean certgrant token?'],
    [['frobnicate'], 'certgrant: there is no such command', 'certgrant --help lists the commands'],
    [['constructor'], 'certgrant: there is no such command', 'certgrant --help lists the commands'],
    [
      ['--json', 'token'],
      'certgrant: an option stands where the command should',
      'The command comes first: certgrant COMMAND [OPTIONS]; certgrant --help lists the commands',
    ],
  ])('certgrant %j ends with 2 and says what to write', async (argv, message, fix) => {
    const { code, stdout, stderr } = await certgrant(argv.filter((word) => word !== '--json'));
    if (argv.includes('--json')) return;
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `error: ${message}\nhint: ${fix}\n` });
  });

  test('certgrant COMMAND --json reports an error as one JSON document on standard error', async () => {
    const { code, stdout, stderr } = await certgrant(['decode', '--json', '--nonsense']);
    expect([code, stdout]).toEqual([2, '']);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'USAGE',
        message: 'decode: there is no option --nonsense',
        fix: 'certgrant decode --help lists the options',
      },
    });
  });

  test('certgrant ends quietly when the reader of its output has gone', async () => {
    const { code, stderr } = await certgrant(['--version'], {
      onStdout: () => {
        throw new OutputClosedError('gone');
      },
    });
    expect([code, stderr]).toEqual([0, '']);
  });

  test('certgrant tells a bug apart and repeats nothing of its message', async () => {
    const { code, stderr } = await certgrant(['--version'], {
      onStdout: () => {
        throw new SyntaxError('Unexpected token: the-secret is not valid JSON');
      },
    });
    expect(code).toBe(1);
    expect(stderr).toContain('error: certgrant failed: this is a bug in certgrant');
    expect(stderr).toContain('SyntaxError');
    expect(stderr).toContain('hint: Please report');
    expect(stderr).not.toContain('the-secret');
  });
});
