import { statSync } from 'node:fs';
import { type Check, defineCheck, passed, skipped, warned } from '../check.ts';

/** Whether others on this machine can read the file that holds the private key. */
export const permissions: Check = defineCheck({
  id: 'permissions',
  doing: 'look at the permissions of the key file',
  needs: ['files', 'opened'],
  run: ({ files, opened }) => {
    const paths = files.flatMap(({ file }, at) => {
      const hasKey = (opened[at]?.privateKeys.length ?? 0) > 0;
      return hasKey && file.path !== undefined ? [{ name: file.name, path: file.path }] : [];
    });
    if (paths.length === 0) return skipped('no file on this machine holds the private key');
    if (process.platform === 'win32') return skipped('Windows keeps them in another way');
    for (const { name, path } of paths) {
      const mode = statSync(path).mode & 0o777;
      if ((mode & 0o077) !== 0) {
        const octal = mode.toString(8).padStart(4, '0');
        return warned(`${name} has mode ${octal}, so that other users may read the private key`, `chmod 600 ${name}`);
      }
    }
    return passed('the private key is for its owner alone');
  },
});
