import { isCertgrantError } from '../../../errors.ts';
import type { KeyFileContents } from '../../../keyfile/key-file-contents.ts';
import { readKeyFile } from '../../../keyfile/read-key-file.ts';
import { type Check, defineCheck, passed, type RecognisedFile, type Surroundings, skipped } from '../check.ts';

const names: Readonly<Record<KeyFileContents['format'], string>> = { pfx: 'PFX', pem: 'PEM', der: 'DER', jwk: 'JWK' };

/** Whether the files are of a kind that holds keys and certificates. */
export const format: Check = defineCheck({
  id: 'format',
  doing: 'recognise the key file',
  needs: ['files'],
  gives: ['recognised'],
  run: async ({ files }, around) => {
    if (files.length === 0) return skipped('the key is not in a file', { recognised: [] });
    const recognised: RecognisedFile[] = [];
    for (const each of files) recognised.push({ ...each, contents: await openWithout(each.bytes, around) });
    return passed(recognised.map(inWords).join('; '), { recognised });
  },
});

/** `undefined` for a file of a known kind that wants a password. */
async function openWithout(bytes: Uint8Array, { key }: Surroundings): Promise<KeyFileContents | undefined> {
  const allowCostly = 'files' in key ? key.allowCostly : undefined;
  try {
    return await readKeyFile(bytes, { allowCostly });
  } catch (thrown) {
    if (isCertgrantError(thrown) && thrown.code === 'PASSWORD_REQUIRED') return undefined;
    throw thrown;
  }
}

function inWords({ file, contents }: RecognisedFile): string {
  if (contents === undefined) return `${file.name} is a key file that is protected by a password`;
  const { privateKeys, certificates } = contents;
  return `${file.name} is ${names[contents.format]} with ${count(privateKeys.length, 'private key')} and ${count(certificates.length, 'certificate')}`;
}

function count(number: number, what: string): string {
  return `${number === 0 ? 'no' : number} ${what}${number === 1 ? '' : 's'}`;
}
