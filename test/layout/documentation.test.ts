import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { expect, it } from 'vitest';
import { packages, read, root } from './sources.ts';

interface Export {
  readonly name: string;
  readonly from: string;
}

/** What an index.ts exports, name by name, with the file that declares it. */
function exportsOf(index: string): Export[] {
  return [...read(index).matchAll(/export (?:type )?\{([^}]*)\} from '(\.[^']+)'/g)].flatMap(([, names, from]) =>
    (names ?? '')
      .split(',')
      .map((name) =>
        name
          .trim()
          .replace(/^type /, '')
          .replace(/ as .*/, ''),
      )
      .filter((name) => name !== '')
      .map((name) => ({ name, from: posix.join(dirname(index), from ?? '') })),
  );
}

/** Whether a doc comment stands right above a declaration; a name exported onwards is looked up where it comes from. */
function isDocumented({ name, from }: Export): boolean {
  const passedOn = exportsOf(from).find((other) => other.name === name);
  if (passedOn !== undefined) return isDocumented(passedOn);
  const declaration = new RegExp(
    `\\*/\\nexport (?:declare )?(?:abstract )?(?:async )?(?:function\\*?|const|class|interface|type) ${name}\\b`,
  );
  return declaration.test(read(from));
}

it.each(packages.map((name) => [name]))('every export of %s has a doc comment', (name) => {
  const indexes = ['src/index.ts', 'src/node/index.ts'].map((file) => posix.join('packages', name, file));
  const undocumented = indexes
    .filter((index) => existsSync(join(root, index)))
    .flatMap(exportsOf)
    .filter((each) => !isDocumented(each))
    .map((each) => `${each.name} (${each.from})`);
  expect(undocumented).toEqual([]);
});
