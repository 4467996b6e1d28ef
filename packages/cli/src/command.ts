import { type OptionSpecs, type OptionValues, parseArguments } from './arguments.ts';
import type { Io } from './io.ts';

/** What help says about a command; written by hand, for people. */
export interface CommandDescription {
  readonly name: string;
  /** What it does in a few words, without a final period. */
  readonly summary: string;
  /** The ways to call it, each after the command's name. */
  readonly synopsis: readonly string[];
  /** A paragraph or two on what the command does and what to know about it. */
  readonly description: readonly string[];
  /** What stands after the name besides options, by placeholder. */
  readonly operands?: Readonly<Record<string, string>> | undefined;
  readonly examples: readonly Example[];
  /** Exit codes beyond 0, 1, 2 and 130, or a meaning of 1 that is worth saying. */
  readonly exitCodes?: Readonly<Record<number, string>> | undefined;
  /** The environment variables that it reads, and what each stands for. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

export interface Example {
  /** Why one would type it, without a final period. */
  readonly purpose: string;
  /** The whole line. */
  readonly line: string;
}

/** A command: data for help and parsing, and a handler. */
export interface Command extends CommandDescription {
  readonly options: OptionSpecs;
  /** How many words beside options it takes at most. */
  readonly maximumOperands: number;
  /** Parses and runs. Resolves to the exit code; nothing means 0. */
  readonly run: (argv: readonly string[], io: Io) => Promise<number | undefined>;
}

interface CommandDefinition<Specs extends OptionSpecs> extends CommandDescription {
  readonly options: Specs;
  readonly maximumOperands?: number | undefined;
  readonly handle: (
    values: OptionValues<Specs>,
    io: Io,
    operands: readonly string[],
  ) => Promise<number | undefined> | Promise<void>;
}

/** Ties a handler to its options, so that it receives them with their types. */
export function defineCommand<const Specs extends OptionSpecs>({
  handle,
  maximumOperands = 0,
  ...description
}: CommandDefinition<Specs>): Command {
  return {
    ...description,
    maximumOperands,
    run: async (argv, io) => {
      const { values, operands } = await parseArguments(argv, { ...description, maximumOperands });
      return (
        (await handle(values, 'json' in values && values.json === true ? silenced(io) : io, operands)) ?? undefined
      );
    },
  };
}

/** With `--json` what stands on standard error is one JSON document or nothing. */
function silenced(io: Io): Io {
  return Object.create(io, { warn: { value: () => {} } }) as Io;
}
