import { badRequest } from './graph-error.ts';

/** A literal of a filter. */
export type Literal = string | boolean | null;

/** One comparison: of a property, or of what a list of objects has in it (`keyCredentials/keyId`). */
export interface Condition {
  readonly kind: 'condition';
  readonly property: string;
  readonly operator: 'eq' | 'startswith' | 'endswith';
  /** One of them is enough. */
  readonly values: readonly Literal[];
}

/** A `$filter` (OData 4.01 URL Conventions §5.1.1), as far as people filter the directory with it. */
export type Filter =
  | Condition
  | { readonly kind: 'and'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly of: Filter };

/** As deep as parentheses may stand in each other; a filter of a million of them must not exhaust the stack. */
const deepest = 30;

/** As many values as `in` takes, as in Microsoft Graph. */
const mostValues = 15;

/**
 * Reads a filter: `eq`, `ne`, `in`, `startswith`, `endswith`, `any`, `not`, `and`, `or` and parentheses.
 *
 * @param properties what can be filtered by
 * @throws {GraphError} 400 for what is no such filter
 */
export function parseFilter(text: string, properties: readonly string[]): Filter {
  return new FilterParser(text, properties).parse();
}

/** Whether Microsoft Graph counts the filter among the advanced queries, for which it wants `ConsistencyLevel`. */
export function isAdvanced(filter: Filter): boolean {
  if (filter.kind === 'condition') return filter.operator === 'endswith';
  return filter.kind === 'not' || isAdvanced(filter.left) || isAdvanced(filter.right);
}

/** Whether an entity as it is shown meets a filter; text is compared without regard to case. */
export function meets(view: Readonly<Record<string, unknown>>, filter: Filter): boolean {
  if (filter.kind === 'not') return !meets(view, filter.of);
  if (filter.kind === 'and') return meets(view, filter.left) && meets(view, filter.right);
  if (filter.kind === 'or') return meets(view, filter.left) || meets(view, filter.right);
  const found = valuesAt(view, filter.property.split('/'));
  return filter.values.some((wanted) => found.some((value) => holds(value, filter.operator, wanted)));
}

function valuesAt(value: unknown, [name, ...rest]: readonly string[]): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => valuesAt(each, name === undefined ? [] : [name, ...rest]));
  if (name === undefined) return [value ?? null];
  if (typeof value !== 'object' || value === null) return [];
  const member = Object.entries(value).find(([key]) => key === name)?.[1];
  return valuesAt(member ?? null, rest);
}

function holds(value: unknown, operator: Condition['operator'], wanted: Literal): boolean {
  if (typeof value !== 'string' || typeof wanted !== 'string') return operator === 'eq' && value === wanted;
  const [text, part] = [value.toLowerCase(), wanted.toLowerCase()];
  if (operator === 'eq') return text === part;
  return operator === 'startswith' ? text.startsWith(part) : text.endsWith(part);
}

interface Token {
  readonly kind: 'text' | 'word' | 'sign' | 'end';
  readonly value: string;
}

/** A text in quotes (a doubled quote is one), a sign, or a word: a name, a path, a GUID, a date. */
const tokenForm = /\s*(?:'((?:[^']|'')*)'|([(),:])|([^\s'(),:]+(?::\d[^\s'(),]*)?))/y;

class FilterParser {
  readonly #text: string;
  readonly #properties: readonly string[];
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string, properties: readonly string[]) {
    this.#text = text;
    this.#properties = properties;
    this.#tokens = this.#tokenize(text);
  }

  parse(): Filter {
    const filter = this.#either();
    if (this.#peek().kind !== 'end') throw this.#invalid();
    return filter;
  }

  #either(): Filter {
    let left = this.#both();
    while (this.#takes('or')) left = { kind: 'or', left, right: this.#both() };
    return left;
  }

  #both(): Filter {
    let left = this.#one();
    while (this.#takes('and')) left = { kind: 'and', left, right: this.#one() };
    return left;
  }

  #one(): Filter {
    if (++this.#depth > deepest) throw this.#invalid();
    try {
      if (this.#takes('not')) return { kind: 'not', of: this.#one() };
      if (!this.#takes('(')) return this.#condition((name) => this.#known(name));
      const inner = this.#either();
      this.#expect(')');
      return inner;
    } finally {
      this.#depth--;
    }
  }

  /** @param property the property that a name stands for */
  #condition(property: (name: string) => string): Filter {
    const name = this.#word();
    if (
      (name === 'startswith' || name === 'endswith' || name === 'startsWith' || name === 'endsWith') &&
      this.#takes('(')
    ) {
      const of = property(this.#word());
      this.#expect(',');
      const value = this.#literal();
      this.#expect(')');
      return { kind: 'condition', property: of, operator: starts(name) ? 'startswith' : 'endswith', values: [value] };
    }
    if (name.endsWith('/any') && this.#takes('(')) return this.#any(name.slice(0, -'/any'.length));
    const of = property(name);
    if (this.#takes('eq')) return { kind: 'condition', property: of, operator: 'eq', values: [this.#literal()] };
    if (this.#takes('ne')) {
      return { kind: 'not', of: { kind: 'condition', property: of, operator: 'eq', values: [this.#literal()] } };
    }
    this.#expect('in');
    this.#expect('(');
    const values = [this.#literal()];
    while (this.#takes(',')) values.push(this.#literal());
    this.#expect(')');
    if (values.length > mostValues) throw badRequest(`Too many values in the filter: at most ${mostValues}.`);
    return { kind: 'condition', property: of, operator: 'eq', values };
  }

  /** `identifierUris/any(u:u eq 'x')`, `keyCredentials/any(k:k/keyId eq …)`: one of the list meets the condition. */
  #any(list: string): Filter {
    const variable = this.#word();
    this.#expect(':');
    const condition = this.#condition((name) => {
      if (name === variable) return this.#known(list);
      if (name.startsWith(`${variable}/`)) return this.#known(`${list}${name.slice(variable.length)}`);
      throw this.#invalid();
    });
    this.#expect(')');
    return condition;
  }

  #known(name: string): string {
    if (this.#properties.includes(name)) return name;
    throw badRequest(`Invalid filter clause: it cannot be filtered by '${name.slice(0, 100)}' here.`);
  }

  #literal(): Literal {
    const { kind, value } = this.#next();
    if (kind === 'text') return value;
    if (kind !== 'word') throw this.#invalid();
    if (value === 'true' || value === 'false') return value === 'true';
    // A GUID or a date stands without quotes.
    return value === 'null' ? null : value;
  }

  #word(): string {
    const { kind, value } = this.#next();
    if (kind === 'word') return value;
    throw this.#invalid();
  }

  #expect(value: string): void {
    if (!this.#takes(value)) throw this.#invalid();
  }

  #takes(value: string): boolean {
    const token = this.#peek();
    if (token.value !== value || (token.kind !== 'word' && token.kind !== 'sign')) return false;
    this.#at++;
    return true;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', value: '' };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #tokenize(text: string): readonly Token[] {
    const form = new RegExp(tokenForm);
    const tokens: Token[] = [];
    const end = text.trimEnd().length;
    while (form.lastIndex < end) {
      const [, quoted, sign, word] = form.exec(text) ?? [];
      if (quoted !== undefined) tokens.push({ kind: 'text', value: quoted.replaceAll("''", "'") });
      else if (sign !== undefined) tokens.push({ kind: 'sign', value: sign });
      else if (word !== undefined) tokens.push({ kind: 'word', value: word });
      else throw this.#invalid();
    }
    return tokens;
  }

  #invalid(): Error {
    return badRequest(`Invalid filter clause: '${this.#text.slice(0, 200)}'.`);
  }
}

function starts(name: string): boolean {
  return name.toLowerCase() === 'startswith';
}
