import type { KeyFileContents } from '../../../keyfile/key-file-contents.ts';
import { readKeyFile } from '../../../keyfile/read-key-file.ts';
import { type Check, defineCheck, failed, passed, skipped } from '../check.ts';

/** Whether the password opens the files that have one. */
export const password: Check = defineCheck({
  id: 'password',
  doing: 'open the key file',
  needs: ['recognised'],
  gives: ['opened'],
  waitsForPerson: true,
  run: async ({ recognised }, { key }) => {
    const opened = recognised.flatMap(({ contents }) => contents ?? []);
    if (!('files' in key)) return skipped('a token asks for its PIN itself', { opened });
    if (opened.length === recognised.length) {
      const given = (await key.password?.()) !== undefined;
      return given
        ? passed('one is given, and the file opens without it', { opened })
        : passed('none is needed', { opened });
    }
    const locked = recognised.find(({ contents }) => contents === undefined);
    const word = (await key.password?.()) ?? (await key.askPassword?.(locked?.file.name ?? ''));
    if (word === undefined) {
      return failed(
        `${locked?.file.name} opens with a password, and none is given`,
        'Give --password-file FILE or --password-env NAME, or set AZURE_CLIENT_CERTIFICATE_PASSWORD',
        'PASSWORD_REQUIRED',
      );
    }
    const contents: KeyFileContents[] = [];
    for (const file of recognised) {
      const opening = { password: word, allowCostly: key.allowCostly };
      contents.push(file.contents ?? (await readKeyFile(file.bytes, opening)));
    }
    return passed('it opens the file', { opened: contents });
  },
});
