/** What is wrong in a JSON document, and where. */
export interface ShapeProblem {
  /** As in JavaScript: `item[0].request.url`; empty for the document itself. */
  readonly path: string;
  /** What is expected there. */
  readonly message: string;
}

/** A shape looks at a value and says what is wrong with it. */
export type Shape = (value: unknown, path: string) => readonly ShapeProblem[];

export const anything: Shape = () => [];
export const text: Shape = expecting('a text', (value) => typeof value === 'string');
export const flag: Shape = expecting('true or false', (value) => typeof value === 'boolean');
export const nothing: Shape = expecting('null', (value) => value === null);
export const wholeNumber: Shape = expecting('a whole number', Number.isInteger);

/** One of these values. */
export function oneOf(...values: readonly string[]): Shape {
  return expecting(`one of ${values.join(', ')}`, (value) => values.some((known) => known === value));
}

/** A list, each of whose elements has the shape. */
export function list(element: Shape, { least = 0 }: { readonly least?: number } = {}): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) return [{ path, message: 'a list is expected' }];
    if (value.length < least) return [{ path, message: 'a list with an element is expected' }];
    return value.flatMap((member: unknown, index) => element(member, `${path}[${index}]`));
  };
}

/** An object: what it must have, and the shapes of what it may have. Other members are of no concern. */
export function object(members: Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape {
  return (value, path) => {
    if (!isObject(value)) return [{ path, message: 'an object is expected' }];
    const missing = required.filter((name) => value[name] === undefined);
    const problems = missing.map((name) => ({ path: below(path, name), message: 'it is missing' }));
    for (const [name, shape] of Object.entries(members)) {
      if (value[name] !== undefined) problems.push(...shape(value[name], below(path, name)));
    }
    return problems;
  };
}

/** The first shape whose test a value passes; the last one speaks for all others. */
export function either(...shapes: readonly [Shape, ...Shape[]]): Shape {
  return (value, path) => {
    const verdicts = shapes.map((shape) => shape(value, path));
    return verdicts.find((problems) => problems.length === 0) ?? verdicts.at(-1) ?? [];
  };
}

/** For shapes that contain themselves. */
export function lazily(shape: () => Shape): Shape {
  return (value, path) => shape()(value, path);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function expecting(what: string, test: (value: unknown) => boolean): Shape {
  return (value, path) => (test(value) ? [] : [{ path, message: `${what} is expected` }]);
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
