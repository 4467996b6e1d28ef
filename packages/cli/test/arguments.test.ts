import { describe, expect, test } from 'vitest';
import { parseArguments } from '../src/arguments.ts';

const grammar = {
  name: 'token',
  maximumOperands: 1,
  options: {
    tenant: { type: 'string', value: 'ID', help: 'x' },
    'client-id': { type: 'string', value: 'ID', help: 'x' },
    alg: { type: 'string', choices: ['PS256', 'RS256'], help: 'x' },
    san: { type: 'string', multiple: true, help: 'x' },
    'password-file': { type: 'string', value: 'FILE', help: 'x' },
    json: { type: 'boolean', help: 'x' },
  },
} as const;

async function refusal(...argv: string[]): Promise<{ code: string; message: string; fix: string }> {
  return parseArguments(argv, grammar).then(
    () => Promise.reject(new Error('the line was accepted')),
    ({ code, message, fix }: { code: string; message: string; fix: string }) => ({ code, message, fix }),
  );
}

describe('parseArguments()', () => {
  test('parseArguments() reads both ways to write a value, repeated options, flags and operands', async () => {
    const argv = ['--tenant=t', '--client-id', 'c', '--san', 'dns:a', 'file', '--san=dns:b', '--json'];
    expect(await parseArguments(argv, grammar)).toEqual({
      values: {
        tenant: 't',
        'client-id': 'c',
        alg: undefined,
        san: ['dns:a', 'dns:b'],
        'password-file': undefined,
        json: true,
      },
      operands: ['file'],
    });
  });

  test('parseArguments() takes a dash alone as a value and everything after -- as operands', async () => {
    const { values, operands } = await parseArguments(['--tenant', '-', '--', '--json'], grammar);
    expect(values.tenant).toBe('-');
    expect(values.json).toBe(false);
    expect(operands).toEqual(['--json']);
  });

  test('parseArguments() takes a value that begins with a dash when it is joined by =', async () => {
    expect((await parseArguments(['--tenant=-x'], grammar)).values.tenant).toBe('-x');
  });

  test.each([
    [['--client'], 'token: there is no option --client', 'Did you mean --client-id?'],
    [['--clientid', 'x'], 'token: there is no option --clientid', 'Did you mean --client-id?'],
    [['-x'], 'token: there is no option -x', 'certgrant token --help lists the options'],
    [['--constructor'], 'token: there is no option --constructor', 'certgrant token --help lists the options'],
    [
      ['--tenant'],
      'token: --tenant needs a value',
      'Write --tenant ID; a value that begins with a dash is written --tenant=-…',
    ],
    [
      ['--tenant', '--json'],
      'token: --tenant needs a value',
      'Write --tenant ID; a value that begins with a dash is written --tenant=-…',
    ],
    [['--tenant='], 'token: the value of --tenant is empty', 'Write --tenant ID'],
    [['--tenant', 'a', '--tenant', 'b'], 'token: --tenant is given twice', 'Give --tenant once'],
    [['--json=yes'], 'token: --json takes no value', 'Write --json alone'],
    [['--alg', 'RS512'], 'token: --alg does not take this value', 'Write one of PS256, RS256'],
    [
      ['a', 'b'],
      'token: it takes one word beside its options, not 2',
      'Look at certgrant token --help; quote a value that has spaces',
    ],
  ])('parseArguments(%j) says what is wrong and what to write', async (argv, message, fix) => {
    expect(await refusal(...argv)).toEqual({ code: 'USAGE', message, fix });
  });

  test.each([[['--password', 'hunter2']], [['--password=hunter2']], [['--pwd', 'hunter2']], [['hunter2', 'hunter2']]])(
    'parseArguments(%j) never repeats what may be a password',
    async (argv) => {
      expect(JSON.stringify(await refusal(...argv))).not.toContain('hunter2');
    },
  );

  test('parseArguments() says why there is no --password', async () => {
    const { message, fix } = await refusal('--password', 'x');
    expect(message).toContain('can read a command line');
    expect(fix).toContain('--password-file');
  });
});
