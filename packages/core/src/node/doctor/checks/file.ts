import { type Check, defineCheck, passed, type ReadFile, skipped } from '../check.ts';

/** Whether the key file, and the file with the key where it is another one, is there and can be read. */
export const file: Check = defineCheck({
  id: 'file',
  doing: 'read the key file',
  gives: ['files'],
  run: async (_, { key }) => {
    if (!('files' in key)) return skipped(`the key is not in a file: ${key.name}`, { files: [] });
    const files: ReadFile[] = [];
    for (const each of key.files) files.push({ file: each, bytes: await each.read() });
    const sizes = files.map(({ file: { name }, bytes }) => `${name}, ${bytes.length} bytes`);
    return passed(sizes.join('; '), { files });
  },
});
