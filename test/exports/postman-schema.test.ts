import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PostmanValidator } from '@har-sdk/validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certgrant } from '../interop/support/program.ts';
import { type ApiWorkshop, exportFolder, openApiWorkshop } from './support/api-workshop.ts';

let workshop: ApiWorkshop;
let collection: Collection;

beforeAll(async () => {
  workshop = await openApiWorkshop();
  const folder = await exportFolder('postman', {}, workshop);
  collection = JSON.parse(readFileSync(join(folder, 'certgrant.postman_collection.json'), 'utf8'));
});
afterAll(() => workshop?.close());

/** As much of the format as the changes touch. */
interface Collection {
  readonly info: object;
  readonly item: readonly { readonly item: readonly Item[] }[];
}

interface Item {
  readonly request: object;
  readonly event: readonly object[];
}

/** A change to the collection, and whether the result still follows the schema. */
const changes: readonly (readonly [string, (document: Collection) => unknown, boolean])[] = [
  ['nothing', () => {}, true],
  ['no name', (document) => Reflect.deleteProperty(document.info, 'name'), false],
  ['a number for a name', (document) => Object.assign(document.info, { name: 7 }), false],
  [
    'a version of parts',
    (document) => Object.assign(document.info, { version: { major: 1, minor: 0, patch: 2 } }),
    true,
  ],
  ['a version without its parts', (document) => Object.assign(document.info, { version: { major: 1 } }), false],
  ['no items', (document) => Object.assign(document, { item: [] }), false],
  ['items that are no list', (document) => Object.assign(document, { item: {} }), false],
  ['a request that is a URL', (document) => Object.assign(first(document), { request: 'https://localhost' }), true],
  ['a request that is a number', (document) => Object.assign(first(document), { request: 1 }), false],
  ['a header without a key', (document) => Object.assign(first(document).request, { header: [{ value: 'x' }] }), false],
  ['headers as a text', (document) => Object.assign(first(document).request, { header: 'Accept: */*' }), true],
  ['an unknown mode of body', (document) => Object.assign(first(document).request, { body: { mode: 'xml' } }), false],
  ['no body', (document) => Object.assign(first(document).request, { body: null }), true],
  [
    'form fields',
    (document) =>
      Object.assign(first(document).request, { body: { mode: 'urlencoded', urlencoded: [{ key: 'a', value: 'b' }] } }),
    true,
  ],
  [
    'a form field without a key',
    (document) =>
      Object.assign(first(document).request, { body: { mode: 'urlencoded', urlencoded: [{ value: 'b' }] } }),
    false,
  ],
  ['the auth type jwt', (document) => Object.assign(first(document).request, { auth: { type: 'jwt' } }), false],
  ['auth without a type', (document) => Object.assign(first(document).request, { auth: {} }), false],
  [
    'auth attributes without a key',
    (document) => Object.assign(first(document).request, { auth: { type: 'bearer', bearer: [{ value: 'x' }] } }),
    false,
  ],
  [
    'a URL in parts',
    (document) =>
      Object.assign(first(document).request, {
        url: { raw: 'https://a/b?c=d', protocol: 'https', host: ['a'], path: ['b'], query: [{ key: 'c', value: 'd' }] },
      }),
    true,
  ],
  [
    'a URL whose query is a text',
    (document) => Object.assign(first(document).request, { url: { raw: 'https://a', query: 'c=d' } }),
    false,
  ],
  ['an event without listen', (document) => Reflect.deleteProperty(first(document).event[0] ?? {}, 'listen'), false],
  [
    'a script as one text',
    (document) => Object.assign(first(document).event[0] ?? {}, { script: { exec: 'pm.test()' } }),
    true,
  ],
  [
    'a script of numbers',
    (document) => Object.assign(first(document).event[0] ?? {}, { script: { exec: [1] } }),
    false,
  ],
  ['a variable without key and id', (document) => Object.assign(document, { variable: [{ value: 'x' }] }), false],
  [
    'a variable of type secret',
    (document) => Object.assign(document, { variable: [{ key: 'x', type: 'secret' }] }),
    false,
  ],
  ['responses that are no list', (document) => Object.assign(first(document), { response: {} }), false],
];

function first(document: Collection): Item {
  const item = document.item[0]?.item[0];
  if (item === undefined) throw new Error('the collection has no request');
  return item;
}

describe('certgrant export postman --check', () => {
  test.each(changes)("judges as Postman's schema does: %s", async (_, change, follows) => {
    const document = structuredClone(collection);
    change(document);
    const problems = await new PostmanValidator().verify(document as never);
    expect(problems.length === 0).toBe(follows);
    const file = join(workshop.folder, 'changed.json');
    writeFileSync(file, JSON.stringify(document));
    const { code, stdout } = await certgrant(['export', 'postman', '--check', file, '--json'], workshop.folder);
    expect(JSON.parse(stdout)).toMatchObject({ valid: follows });
    expect(code).toBe(follows ? 0 : 1);
  });
});
