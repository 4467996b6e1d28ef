import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const entry = fileURLToPath(new URL('../../src/keyfile/load-credential.ts', import.meta.url));

it('loadCredential loads ciphers, hash loops and PKCS#12 only when a file needs them', async () => {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@certgrant/source'],
    outdir: 'unwritten',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  // Everything that the entry imports at once, through any number of chunks.
  const outputs = new Map(Object.entries(metafile.outputs));
  const reached = new Set<string>();
  const reach = (name: string): void => {
    if (reached.has(name)) return;
    reached.add(name);
    for (const { path, kind } of outputs.get(name)?.imports ?? []) if (kind === 'import-statement') reach(path);
  };
  reach([...outputs].find(([, { entryPoint }]) => entryPoint?.endsWith('/load-credential.ts'))?.[0] ?? '');
  const inputs = [...reached].flatMap((name) => Object.keys(outputs.get(name)?.inputs ?? {}));
  expect(inputs.some((name) => name.endsWith('/read-key-file.ts'))).toBe(true);
  expect(inputs.filter((name) => /noble|ciphers|hashing|pfx|pbes|pbkdf2|jwk|jose/.test(name))).toEqual([]);
});
