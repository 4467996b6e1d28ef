import { type EntraError, entraError, type Outcome } from '../entra-error.ts';

/** The parameters of a token request that matter here; all others are ignored (RFC 6749 §3.2). */
const names = [
  'grant_type',
  'client_id',
  'client_assertion_type',
  'client_assertion',
  'client_secret',
  'scope',
  'resource',
  'claims',
  'client-request-id',
] as const;

/** The name of a parameter of a token request. */
export type ParameterName = (typeof names)[number];

const known: ReadonlySet<string> = new Set(names);

/** What a token request says; an empty parameter counts as missing (RFC 6749 §3.2). */
export type TokenParameters = { readonly [Name in ParameterName]?: string };

/** Reads the form; a parameter that is there twice is refused (RFC 6749 §3.2). */
export function readParameters(form: string): Outcome<TokenParameters> {
  const parameters: { [Name in ParameterName]?: string } = {};
  for (const [name, value] of fieldsOf(form)) {
    if (!isKnown(name) || value === '') continue;
    if (parameters[name] !== undefined) {
      const message = `The request is not properly formatted. The parameter '${name}' is duplicated.`;
      return { refused: entraError(9000411, message, { expected: `one ${name}`, received: 'more than one' }) };
    }
    parameters[name] = value;
  }
  return { value: parameters };
}

/** The names and values of a form; by hand where nothing is malformed, which takes half the time. */
function fieldsOf(form: string): Iterable<readonly [string, string]> {
  try {
    return form.split('&').map((field) => {
      const equals = field.indexOf('=');
      return equals === -1 ? [decoded(field), ''] : [decoded(field.slice(0, equals)), decoded(field.slice(equals + 1))];
    });
  } catch {
    // A question mark at its beginning would not count as part of the form.
    return new URLSearchParams(`&${form}`);
  }
}

/** @throws {URIError} for a malformed escape */
function decoded(text: string): string {
  return text.includes('%') || text.includes('+') ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
}

/** The value of a parameter that must be there. */
export function requiredParameter(parameters: TokenParameters, name: ParameterName): Outcome<string> {
  const value = parameters[name];
  return value === undefined ? { refused: missingParameter(name) } : { value };
}

/** The request lacks a parameter, or its body is not a form. */
export function missingParameter(name: ParameterName): EntraError {
  return entraError(900144, `The request body must contain the following parameter: '${name}'.`, {
    expected: `the parameter ${name}`,
    received: 'none',
  });
}

function isKnown(name: string): name is ParameterName {
  return known.has(name);
}
