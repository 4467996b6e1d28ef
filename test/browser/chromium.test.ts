import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from '@playwright/test';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findProgram } from '../../scripts/lib/process.mjs';
import { makeMaterial } from '../portable/make-material.ts';
import type { Material } from '../portable/material.ts';

const executablePath = findProgram('chromium');
const quiet = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const offline = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

let folder: string;
let material: Material;
let server: Server;
let browser: Browser;

beforeAll(async () => {
  if (executablePath === undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'certgrant-browser-'));
  material = makeMaterial(folder);
  const script = await bundlePage();
  server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(
      isScript ? script : '<!doctype html><title>suite</title><script type="module" src="/page.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await chromium.launch({ executablePath, args: [...quiet, ...offline] });
});

afterAll(async () => {
  await browser?.close();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

async function bundlePage(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@certgrant/source'],
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('bundle the page: no output');
  return file.contents;
}

async function openPage(): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction('typeof certgrantSuite === "function"');
  return page;
}

it('the portable suite holds in a page of Chromium, with the web engine', async ({ skip }) => {
  if (executablePath === undefined) return skip('there is no chromium on the path');
  const page = await openPage();
  const held = await page.evaluate((given) => globalThis.certgrantSuite(given), material);
  expect(held).toContain('loads a PFX');
  expect(held).toContain('loads a legacy PFX');
  expect(held).toContain('signs and verifies with PS256');
  expect(held).toContain('signs and verifies with RS256');
});

/** Octets of the private key in the clear that stand in it in every encoding: its last number, the coefficient. */
function privateOctets(): string {
  const { qi } = createPrivateKey(Buffer.from(material.pem, 'base64')).export({ format: 'jwk' });
  return Buffer.from(qi ?? '', 'base64url').toString('base64');
}

it.for(['pfx', 'encryptedPem'] as const)(
  'loadCredential takes the key of a modern file (%s) without its octets ever being in the page',
  async (file, { skip }) => {
    if (executablePath === undefined) return skip('there is no chromium on the path');
    const page = await openPage();
    const given = [material[file], material.password, privateOctets()] as const;
    const watched = await page.evaluate((args) => globalThis.certgrantWatchLoading(...args), given);
    expect(watched.signatures).toEqual([true, true]);
    expect(watched.imported).toBe(0);
    expect(watched.seen).toBe(false);
    expect(watched.derives).toBe(false);
    expect(watched.signedWith.length).toBeGreaterThan(0);
    for (const key of watched.signedWith) expect(key).toEqual({ extractable: false, exporting: 'InvalidAccessError' });
  },
);

it('loadCredential takes the key of a legacy file as not extractable too, by way of its octets', async ({ skip }) => {
  if (executablePath === undefined) return skip('there is no chromium on the path');
  const page = await openPage();
  const given = [material.legacyPfx, material.password, privateOctets()] as const;
  const watched = await page.evaluate((args) => globalThis.certgrantWatchLoading(...args), given);
  expect(watched).toMatchObject({ signatures: [true, true], imported: 2, seen: true, derives: true });
  for (const key of watched.signedWith) expect(key).toEqual({ extractable: false, exporting: 'InvalidAccessError' });
});
