import { CertgrantError } from '@certgrant/core';

type Members = Readonly<Record<string, unknown>>;

/** The members of an object that a caller gave, each looked at before it is believed. */
export class Fields {
  /** As they are. */
  readonly members: Members;
  readonly #action: string;

  /**
   * @param action what the object is for, as a message begins: `add fault`
   * @param known every name that may be there; by default any may
   * @throws {CertgrantError} `USAGE` for what is no object, and for a name that is not known
   */
  constructor(value: unknown, action: string, known?: readonly string[]) {
    this.#action = action;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#usage('this is not an object', 'Give an object with named members');
    }
    this.members = value as Members;
    const foreign = known !== undefined && Object.keys(value).some((name) => !known.includes(name));
    if (foreign)
      throw this.#usage(
        'one of the names is not known',
        known.length === 0 ? 'Leave it out' : `Known here: ${known.join(', ')}`,
      );
  }

  text(name: string): string | undefined {
    return this.#typed(name, 'a text', (value): value is string => typeof value === 'string' && value !== '');
  }

  boolean(name: string): boolean | undefined {
    return this.#typed(name, 'true or false', (value): value is boolean => typeof value === 'boolean');
  }

  /** A whole number within bounds, both included. */
  integer(name: string, least: number, most: number): number | undefined {
    const isWithin = (value: unknown): value is number =>
      Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
    return this.#typed(name, `a whole number from ${least} to ${most}`, isWithin);
  }

  oneOf<const T extends string | number>(name: string, choices: readonly T[]): T | undefined {
    const isChoice = (value: unknown): value is T => choices.some((choice) => choice === value);
    return this.#typed(name, `one of ${choices.join(', ')}`, isChoice);
  }

  texts(name: string): readonly string[] | undefined {
    const isTexts = (value: unknown): value is readonly string[] =>
      Array.isArray(value) && value.every((each) => typeof each === 'string');
    return this.#typed(name, 'a list of texts', isTexts);
  }

  object(name: string): Members | undefined {
    const isObject = (value: unknown): value is Members =>
      typeof value === 'object' && value !== null && !Array.isArray(value);
    return this.#typed(name, 'an object', isObject);
  }

  /** A text or a number, which is looked at elsewhere. */
  textOrNumber(name: string): string | number | undefined {
    const fits = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';
    return this.#typed(name, 'a text or a number', fits);
  }

  #typed<T>(name: string, what: string, fits: (value: unknown) => value is T): T | undefined {
    const value = this.members[name];
    if (value === undefined || fits(value)) return value;
    throw this.#usage(`${name} is not ${what}`, `Give ${what}, or leave ${name} out`);
  }

  #usage(fault: string, fix: string): CertgrantError {
    return new CertgrantError('USAGE', `${this.#action}: ${fault}`, { fix });
  }
}
