import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top folder of the repository. */
export const root: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The workspaces that npm publishes. */
export const packages: readonly string[] = readdirSync(join(root, 'packages'));

/** Every file below a folder, by its path from the top folder, with forward slashes. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !/(^|\/)(node_modules|dist)\//.test(path));
}

/** The TypeScript sources of all packages, without their tests. */
export function sources(): string[] {
  return packages.flatMap((name) => filesBelow(`packages/${name}/src`)).filter((path) => path.endsWith('.ts'));
}

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** A source's code, with comments blanked out so that lines keep their numbers. */
export function codeOf(path: string): string {
  return read(path)
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/[^\n]*/g, '$1');
}

export interface Manifest {
  readonly name: string;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Every package.json of the repository, by its path. */
export function manifests(): Map<string, Manifest> {
  const paths = ['package.json', 'test/package.json', 'bench/package.json'];
  paths.push(...packages.map((name) => `packages/${name}/package.json`));
  return new Map(paths.map((path) => [path, JSON.parse(read(path)) as Manifest]));
}
