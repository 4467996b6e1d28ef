import { CertgrantError } from '@certgrant/core';

/** One option of a command, for parsing and for help. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** What help shows for the value: `FILE`, `URL`. */
  readonly value?: string | undefined;
  /** The only values that it takes. */
  readonly choices?: readonly string[] | undefined;
  readonly multiple?: true | undefined;
  /** What it does, without a final period. */
  readonly help: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** The values of options by name: `true` or `false`, a text or nothing, or a list. */
export type OptionValues<Specs extends OptionSpecs> = {
  readonly [Name in keyof Specs]: Specs[Name] extends { type: 'boolean' }
    ? boolean
    : Specs[Name] extends { multiple: true }
      ? readonly string[]
      : Specs[Name] extends { choices: readonly (infer Choice extends string)[] }
        ? Choice | undefined
        : string | undefined;
};

interface Grammar<Specs extends OptionSpecs> {
  readonly name: string;
  readonly options: Specs;
  readonly maximumOperands: number;
}

/** An option as it was typed. */
interface TypedOption {
  readonly name: string;
  /** With its dashes. */
  readonly rawName: string;
  readonly value: string | undefined;
  /** Whether the value is part of the same word: `--name=value`. */
  readonly inlineValue: boolean;
}

/**
 * Reads a command's options and operands.
 *
 * By hand, since the messages of `parseArgs` repeat what was typed, which may be a password in the wrong place, and
 * loading it takes half a millisecond of every command.
 *
 * @throws {CertgrantError} `USAGE`
 */
export async function parseArguments<Specs extends OptionSpecs>(
  argv: readonly string[],
  grammar: Grammar<Specs>,
): Promise<{ readonly values: OptionValues<Specs>; readonly operands: readonly string[] }> {
  const values: Record<string, Value> = {};
  for (const [name, { type, multiple }] of Object.entries(grammar.options)) {
    values[name] = type === 'boolean' ? false : multiple ? [] : undefined;
  }
  const { typed, operands } = splitWords(argv, grammar.options);
  const given = new Set<string>();
  for (const token of typed) {
    const spec = Object.hasOwn(grammar.options, token.name) ? grammar.options[token.name] : undefined;
    if (spec === undefined) throw await unknownOption(token, grammar);
    if (given.has(token.name) && !spec.multiple) {
      throw usage(grammar, `${token.rawName} is given twice`, `Give ${token.rawName} once`);
    }
    given.add(token.name);
    const value = checkedValue(token, spec, grammar);
    const before = values[token.name];
    values[token.name] = Array.isArray(before) ? [...before, String(value)] : value;
  }
  refuseOperands(operands.length, grammar);
  return { values: values as OptionValues<Specs>, operands };
}

/** Options begin with a dash, up to the word `--`; `-` alone is an operand: standard input. */
function splitWords(
  argv: readonly string[],
  options: OptionSpecs,
): { readonly typed: readonly TypedOption[]; readonly operands: readonly string[] } {
  const typed: TypedOption[] = [];
  const operands: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return { typed, operands: [...operands, ...argv.slice(at + 1)] };
    if (word === '-' || !word.startsWith('-')) {
      operands.push(word);
      continue;
    }
    const option = typedOption(word);
    const takesNext =
      !option.inlineValue && Object.hasOwn(options, option.name) && options[option.name]?.type !== 'boolean';
    typed.push(takesNext ? { ...option, value: argv[++at] } : option);
  }
  return { typed, operands };
}

function typedOption(word: string): TypedOption {
  // There are no options of one letter; whoever writes several is told of the first.
  if (!word.startsWith('--'))
    return { name: word.slice(1, 2), rawName: word.slice(0, 2), value: undefined, inlineValue: false };
  const equals = word.indexOf('=');
  const rawName = equals < 0 ? word : word.slice(0, equals);
  const value = equals < 0 ? undefined : word.slice(equals + 1);
  return { name: rawName.slice(2), rawName, value, inlineValue: equals >= 0 };
}

type Value = string | boolean | readonly string[] | undefined;

function refuseOperands<Specs extends OptionSpecs>(count: number, grammar: Grammar<Specs>): void {
  if (count <= grammar.maximumOperands) return;
  // The words are not repeated: one of them may be a secret that was meant as an option's value.
  const allowed = grammar.maximumOperands === 0 ? 'no words' : 'one word';
  throw usage(
    grammar,
    `it takes ${allowed} beside its options, not ${count}`,
    `Look at certgrant ${grammar.name} --help; quote a value that has spaces`,
  );
}

function checkedValue<Specs extends OptionSpecs>(
  { value, rawName, inlineValue }: TypedOption,
  spec: OptionSpec,
  grammar: Grammar<Specs>,
): string | true {
  if (spec.type === 'boolean') {
    if (value === undefined) return true;
    throw usage(grammar, `${rawName} takes no value`, `Write ${rawName} alone`);
  }
  const shape = `${rawName} ${spec.value ?? 'VALUE'}`;
  // `-` alone is standard input; anything longer that begins with a dash is most likely the next option.
  if (value === undefined || (!inlineValue && value.length > 1 && value.startsWith('-'))) {
    throw usage(
      grammar,
      `${rawName} needs a value`,
      `Write ${shape}; a value that begins with a dash is written ${rawName}=-…`,
    );
  }
  if (value === '') throw usage(grammar, `the value of ${rawName} is empty`, `Write ${shape}`);
  if (spec.choices !== undefined && !spec.choices.includes(value)) {
    throw usage(grammar, `${rawName} does not take this value`, `Write one of ${spec.choices.join(', ')}`);
  }
  return value;
}

async function unknownOption<Specs extends OptionSpecs>(
  { name, rawName }: TypedOption,
  grammar: Grammar<Specs>,
): Promise<CertgrantError> {
  const { suggest } = await import('./suggest.ts');
  if (/^(pass(word|phrase)?|pwd|pfx-?password|p)$/i.test(name) && 'password-file' in grammar.options) {
    return usage(
      grammar,
      `there is no option ${rawName}, since other users of this machine can read a command line`,
      'Use --password-file FILE or --password-env NAME, or let it ask on a terminal',
    );
  }
  const near = suggest(name, Object.keys(grammar.options));
  return usage(
    grammar,
    `there is no option ${rawName}`,
    near === undefined ? `certgrant ${grammar.name} --help lists the options` : `Did you mean --${near}?`,
  );
}

function usage<Specs extends OptionSpecs>({ name }: Grammar<Specs>, problem: string, fix: string): CertgrantError {
  return new CertgrantError('USAGE', `${name}: ${problem}`, { fix });
}
