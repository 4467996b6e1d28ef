import type { Credential } from '../../../keyfile/credential.ts';
import type { KeyFileContents } from '../../../keyfile/key-file-contents.ts';
import { importPrivateKey } from '../../../keyfile/private-key.ts';
import { type SelectionOptions, selectCredential } from '../../../keyfile/select-credential.ts';
import { type Check, defineCheck, passed } from '../check.ts';

/** Whether there is a private key with its certificate. */
export const key: Check = defineCheck({
  id: 'key',
  doing: 'match the private key with its certificate',
  needs: ['opened'],
  gives: ['credential'],
  waitsForPerson: true,
  run: async ({ opened }, { key: source }) => {
    if (!('files' in source)) {
      const credential = await source.open();
      return passed(`the token has the private key of ${credential.certificate.subject}`, { credential });
    }
    const { credential, reason } = await choose(opened, source.selection);
    return passed(`the private key is that of ${credential.certificate.subject}: ${reason}`, { credential });
  },
});

/** As `loadCredential` chooses: the key file's keys if it has any, the certificates of both. */
async function choose(
  files: readonly KeyFileContents[],
  selection: SelectionOptions | undefined,
): Promise<{ readonly credential: Credential; readonly reason: string }> {
  const holder = files.findLast(({ privateKeys }) => privateKeys.length > 0);
  const contents = {
    privateKeys: holder?.privateKeys ?? [],
    certificates: files.flatMap(({ certificates }) => certificates),
    skipped: files.flatMap(({ skipped }) => skipped),
  };
  const chosen = await selectCredential(contents, selection);
  const privateKey = await importPrivateKey(chosen.key.pkcs8);
  const { certificate } = chosen.certificate;
  return { credential: { privateKey, certificate, chain: chosen.chain }, reason: chosen.reason };
}
