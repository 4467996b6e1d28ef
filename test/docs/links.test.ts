import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, it } from 'vitest';
import { read, root } from '../layout/sources.ts';
import { documents } from './documents.ts';

/** The text without what stands in fenced blocks and in code. */
function prose(path: string): string {
  return read(path)
    .replace(/^ *(```+)[\s\S]*?^ *\1$/gm, '')
    .replace(/`[^`\n]*`/g, '');
}

/** The anchors that a page has for its headings, as GitHub makes them. */
function anchors(path: string): string[] {
  const headings = [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
}

/** What is wrong with a link of a document; `undefined` for nothing. Addresses on the web are not looked up. */
function fault(document: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [file = '', anchor] = link.split('#');
  const path = file === '' ? document : posix.join(posix.dirname(document), file);
  if (!existsSync(join(root, path))) return `${document}: there is no ${path}`;
  if (anchor === undefined || anchors(path).includes(anchor)) return undefined;
  return `${document}: ${path} has no heading #${anchor}`;
}

it.each(documents())('every link and picture of %s leads somewhere', (document) => {
  const links = [...prose(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  expect(links.map((link) => fault(document, link)).filter((one) => one !== undefined)).toEqual([]);
});
