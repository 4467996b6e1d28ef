import { read } from '../layout/sources.ts';

/** A fenced code block of a document. */
export interface CodeBlock {
  /** The document's path and the line of the opening fence. */
  readonly place: string;
  /** The first word after the fence. */
  readonly language: string;
  /** The words after it: how the block is to be run. */
  readonly words: readonly string[];
  /** Why the block cannot be run: what stands after `norun:`. */
  readonly norun: string | undefined;
  readonly code: string;
}

/** The code blocks of a Markdown document, in order; those within a list are indented with it. */
export function codeBlocks(path: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = read(path).split('\n');
  for (let at = 0; at < lines.length; at++) {
    const opening = /^( *)(```+)(.*)$/.exec(lines[at] ?? '');
    if (opening === null) continue;
    const [, indent = '', fence = '', info = ''] = opening;
    const end = lines.findIndex((line, index) => index > at && line.trim() === fence);
    if (end === -1) throw new Error(`read ${path}: the code block of line ${at + 1} has no end`);
    const [settings = '', norun] = info.split('norun:');
    const [language = '', ...words] = settings.trim().split(/\s+/);
    const code = lines.slice(at + 1, end).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    blocks.push({ place: `${path}:${at + 1}`, language, words, norun: norun?.trim(), code: `${code.join('\n')}\n` });
    at = end;
  }
  return blocks;
}
