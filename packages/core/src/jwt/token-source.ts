/** In what a token was found. */
export interface TokenSource {
  readonly kind: /** The token and nothing else. */
    | 'bare'
    /** After `Bearer` and the like, as in an Authorization header. */
    | 'bearer'
    /** A member of JSON. */
    | 'json'
    /** A parameter after the `#` of a URL. */
    | 'fragment'
    /** A parameter after the `?` of a URL. */
    | 'query'
    /** A parameter of a form body. */
    | 'form'
    /** `NAME=token`, as in a shell or an .env file. */
    | 'assignment'
    /** `name: token`, as in a header or YAML. */
    | 'field'
    /** Any other text around it. */
    | 'text';
  /** The name of the member, parameter, variable or field. */
  readonly name?: string;
}

/** How far back a name may be; more than any name and its punctuation take. */
const reach = 200;
const urlReach = 4096;

const bearer = /(?:^|[^\w])(?:Bearer|DPoP|PoP|JWT)(?:[ \t]+|%20|\+)["']?$/i;
const jsonMember = /\\*"([^"\\]{1,80})\\*"\s*:\s*\\*"(?:Bearer +)?$/i;
const parameter = /([?#&;]|^|[\s"'`>])([\w.$:-]{1,80})\s*=\s*["']?(?:Bearer +)?$/i;
const field = /^[ \t>|-]*["']?([\w-]{1,80})["']?[ \t]*:[ \t]*["']?$/m;

/**
 * Tells from what stands around a token what it was found in.
 *
 * @param start where in the text the token begins
 * @param next the character after the token, or nothing
 */
export function tokenSource(text: string, start: number, next: string): TokenSource {
  const before = text.slice(Math.max(0, start - reach), start);
  const member = jsonMember.exec(before)?.[1];
  if (member !== undefined) return { kind: 'json', name: member };
  const assigned = parameter.exec(before);
  if (assigned !== null) {
    const [, separator = '', written = ''] = assigned;
    const name = written.replace(/^\$?(?:env:|global:|script:)?/i, '');
    return { kind: parameterKind(text.slice(Math.max(0, start - urlReach), start), separator, next), name };
  }
  if (bearer.test(before)) return { kind: 'bearer' };
  const named = field.exec(before)?.[1];
  if (named !== undefined) return { kind: 'field', name: named };
  return before.trim() === '' && next.trim() === '' ? { kind: 'bare' } : { kind: 'text' };
}

function parameterKind(before: string, separator: string, next: string): TokenSource['kind'] {
  const word = before.split(/[\s"'`<>]/).at(-1) ?? '';
  const fragment = word.lastIndexOf('#');
  const query = word.lastIndexOf('?');
  if (fragment > query) return 'fragment';
  if (query > fragment) return 'query';
  return separator === '&' || next === '&' ? 'form' : 'assignment';
}

/** The source in words, to follow "Found in ". */
export function sourceInWords({ kind, name = '' }: TokenSource): string {
  switch (kind) {
    case 'bare':
      return 'the text itself';
    case 'bearer':
      return 'an Authorization header';
    case 'json':
      return `the JSON member ${name}`;
    case 'fragment':
      return `${name} in the fragment of a URL`;
    case 'query':
      return `${name} in the query of a URL`;
    case 'form':
      return `the form parameter ${name}`;
    case 'assignment':
      return `the assignment ${name}=`;
    case 'field':
      return `the field ${name}:`;
    case 'text':
      return 'the text';
  }
}
