import {
  anything,
  either,
  flag,
  isObject,
  lazily,
  list,
  nothing,
  object,
  oneOf,
  type Shape,
  text,
  wholeNumber,
} from './shape.ts';

/**
 * The format of a Postman collection, version 2.1.0, as its published schema describes it
 * (schema.postman.com/collection/json/v2.1.0). The tests compare the two.
 */

const authTypes = [
  ...['apikey', 'awsv4', 'basic', 'bearer', 'digest', 'edgegrid'],
  ...['hawk', 'noauth', 'oauth1', 'oauth2', 'ntlm'],
] as const;

const description = either(text, nothing, object({ content: text, type: text }));

const version = either(
  text,
  object({ major: wholeNumber, minor: wholeNumber, patch: wholeNumber, identifier: text }, ['major', 'minor', 'patch']),
);

const info = object({ name: text, _postman_id: text, description, version, schema: text }, ['name', 'schema']);

const variable: Shape = (value, path) => [
  ...object({
    id: text,
    key: text,
    type: oneOf('string', 'boolean', 'any', 'number'),
    name: text,
    description,
    system: flag,
    disabled: flag,
  })(value, path),
  ...(isObject(value) && value.id === undefined && value.key === undefined
    ? [{ path, message: 'a key or an id is expected' }]
    : []),
];

const variables = list(variable);

const attribute = object({ key: text, type: text }, ['key']);

const auth = either(
  nothing,
  object(
    {
      ...Object.fromEntries(authTypes.filter((name) => name !== 'noauth').map((name) => [name, list(attribute)])),
      type: oneOf(...authTypes),
    },
    ['type'],
  ),
);

const url = either(
  text,
  object({
    raw: text,
    protocol: text,
    host: either(text, list(text)),
    path: either(text, list(either(text, object({ type: text, value: text })))),
    port: text,
    query: list(object({ key: either(nothing, text), value: either(nothing, text), disabled: flag, description })),
    hash: text,
    variable: variables,
  }),
);

const script = object({ id: text, type: text, exec: either(text, list(text)), src: url, name: text });

const events = list(object({ id: text, listen: text, script, disabled: flag }, ['listen']));

const header = object({ key: text, value: text, disabled: flag, description }, ['key', 'value']);

const field = object({ key: text, value: text, disabled: flag, description }, ['key']);

const part = object({ key: text, type: text, disabled: flag, contentType: text, description }, ['key', 'type']);

const body = either(
  nothing,
  object({
    mode: oneOf('raw', 'urlencoded', 'formdata', 'file', 'graphql'),
    raw: text,
    graphql: object({}),
    urlencoded: list(field),
    formdata: list(part),
    file: object({ content: text }),
    options: object({}),
    disabled: flag,
  }),
);

const certificate = object({
  name: text,
  matches: list(text),
  key: object({}),
  cert: object({}),
  passphrase: text,
});

const proxy = object({ match: text, host: text, port: wholeNumber, tunnel: flag, disabled: flag });

const request = either(
  text,
  object({
    url,
    auth,
    proxy,
    certificate,
    method: text,
    description,
    header: either(text, list(header)),
    body,
  }),
);

const response = object({
  id: text,
  originalRequest: request,
  header: either(text, nothing, list(either(text, header))),
  cookie: list(object({ domain: text, path: text }, ['domain', 'path'])),
  body: either(nothing, text),
  status: text,
  code: wholeNumber,
});

const named = {
  id: text,
  name: text,
  description,
  variable: variables,
  event: events,
  protocolProfileBehavior: object({}),
};

const item = object({ ...named, request, response: list(response) }, ['request']);

const itemGroup = object({ ...named, auth, item: lazily(() => items) }, ['item']);

/** What has a request is one; everything else is a folder. */
const items: Shape = list(
  (value, path) => (isObject(value) && value.request !== undefined ? item : itemGroup)(value, path),
  { least: 1 },
);

/** A whole collection. */
export const collectionShape: Shape = object(
  {
    info,
    item: items,
    event: events,
    variable: variables,
    auth,
    protocolProfileBehavior: object({}),
    settings: anything,
  },
  ['info', 'item'],
);
