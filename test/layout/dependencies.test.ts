import { expect, it } from 'vitest';
import { missingPlatforms } from '../../scripts/lock.mjs';
import { manifests, read } from './sources.ts';

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly link?: boolean }>>;
}

const lock = JSON.parse(read('package-lock.json')) as LockFile;

it('package-lock.json names no registry, so that each machine uses its own', () => {
  const hosts = Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined && !entry.link);
  expect(hosts.map(([path]) => path)).toEqual([]);
});

it('package-lock.json has an entry for each platform of a binary package (npm run lock adds them)', () => {
  expect(missingPlatforms(lock).map(({ name }) => name)).toEqual([]);
});

it('every dependency is pinned to one version', () => {
  const loose = [...manifests()].flatMap(([path, manifest]) =>
    Object.entries({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies })
      .filter(([, range]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))
      .map(([name, range]) => `${path}: ${name} ${range}`),
  );
  expect(loose).toEqual([]);
});

it('docs/dependencies.md says of each dependency why it is there, and of nothing else', () => {
  const ours = new Set([...manifests().values()].map(({ name }) => name));
  const used = new Set(
    [...manifests().values()].flatMap((manifest) =>
      Object.keys({
        ...manifest.dependencies,
        ...manifest.devDependencies,
        ...manifest.optionalDependencies,
        ...manifest.peerDependencies,
      }),
    ),
  );
  const explained = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name ?? '');
  expect(explained.toSorted()).toEqual([...used].filter((name) => !ours.has(name)).toSorted());
});
