import { existsSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { CertgrantError } from '../../errors.ts';
import type { Pkcs11Uri } from './uri.ts';

/** Where systems keep PKCS#11 modules, besides the folders that the loader searches by itself. */
const moduleFolders: readonly string[] = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/lib',
  '/opt/homebrew/lib',
].flatMap((folder) => [folder, join(folder, 'pkcs11'), join(folder, 'softhsm')]);

/** Modules that many people have, for a hint. */
const commonModules = ['opensc-pkcs11', 'libykcs11', 'libsofthsm2', 'p11-kit-proxy'];

/**
 * The library that a URI asks for: a path, or a bare name for the system's loader to find.
 *
 * @param folder which folder a relative path starts from
 * @throws {CertgrantError} `USAGE` when it names none, `FILE_NOT_FOUND`
 */
export function modulePathOf({ modulePath, moduleName }: Pkcs11Uri, folder: string): string {
  if (modulePath !== undefined) {
    // Like every program that loads libraries: a name without a folder is looked for where the system keeps them.
    if (moduleName === undefined && !/[/\\]/.test(modulePath) && !existsSync(resolve(folder, modulePath))) {
      return modulePath;
    }
    const path = isAbsolute(modulePath) ? modulePath : resolve(folder, modulePath);
    // RFC 7512 §2.3: the path may be of the folder that the named module is in.
    if (moduleName !== undefined && isFolder(path)) return namedModule(moduleName, [path]);
    if (!existsSync(path)) throw notFound(`there is no file ${path}`);
    if (isFolder(path)) throw notFound(`${path} is a folder`);
    return path;
  }
  if (moduleName !== undefined) return namedModule(moduleName, moduleFolders);
  const [found] = commonModules.flatMap((name) => pathsOf(name, moduleFolders));
  throw new CertgrantError('USAGE', 'load PKCS#11 module: the URI names none', {
    fix: `Add ?module-path= with the library of the token's maker${found === undefined ? '' : `, for example ?module-path=${found}`}`,
  });
}

/** RFC 7512 §2.3: the name comes without what a system puts before and after the names of libraries. */
function namedModule(name: string, folders: readonly string[]): string {
  if (/[/\\]/.test(name)) {
    throw new CertgrantError('USAGE', 'load PKCS#11 module: module-name is a path', {
      fix: 'Write it as module-path, or give a name alone: module-name=softhsm2',
    });
  }
  const [found] = pathsOf(name, folders);
  if (found !== undefined) return found;
  throw notFound(`no library of the name ${name} is in ${folders.length === 1 ? folders[0] : 'the usual folders'}`);
}

function pathsOf(name: string, folders: readonly string[]): readonly string[] {
  const files = ['', 'lib'].flatMap((prefix) => ['.so', '.dylib', '.dll'].map((suffix) => `${prefix}${name}${suffix}`));
  return folders.flatMap((folder) => files.map((file) => join(folder, file))).filter((path) => existsSync(path));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function notFound(problem: string): CertgrantError {
  return new CertgrantError('FILE_NOT_FOUND', `load PKCS#11 module: ${problem}`, {
    fix: "Give the path of the library that came with the token's software: ?module-path=/…/….so",
  });
}
