import { expect, it } from 'vitest';
import { codeOf, filesBelow, read, sources } from './sources.ts';

it('no source is longer than 400 lines: past that, look for the second idea in it', () => {
  const long = sources().filter((path) => read(path).split('\n').length > 401);
  expect(long).toEqual([]);
});

it('file names are kebab-case, as the thing is called in its field', () => {
  const odd = [...sources(), ...filesBelow('scripts'), ...filesBelow('test')].filter((path) =>
    path.endsWith('.ts') || path.endsWith('.mjs')
      ? !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/.test(nameOf(path))
      : false,
  );
  expect(odd).toEqual([]);
});

it('index.ts names what it exports', () => {
  const wholesale = sources().filter((path) => /export \* from/.test(codeOf(path)));
  expect(wholesale).toEqual([]);
});

it('no check of the compiler or the linter is switched off', () => {
  const everything = [...sources(), ...filesBelow('test'), ...filesBelow('scripts')].filter((path) =>
    /\.(ts|mjs)$/.test(path),
  );
  const off = everything.filter((path) => /@ts-(ignore|expect-error|nocheck)|biome-ignore\b/.test(read(path)));
  expect(off.filter((path) => path !== 'test/layout/shape.test.ts')).toEqual([]);
});

it('errors of ours are told apart by their code, since each file of the bundled command line has its own classes', () => {
  const byClass = sources()
    .filter((path) => path.startsWith('packages/cli/'))
    .flatMap((path) => codeOf(path).match(/instanceof (Certgrant|TokenRefused|GraphRefused|Der)\w*Error/g) ?? []);
  expect(byClass).toEqual([]);
});

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
