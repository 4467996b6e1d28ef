import { CertgrantError } from '@certgrant/core';
import { readTextSource } from '../../input.ts';
import type { Io } from '../../io.ts';
import { printable } from '../../output/text.ts';
import { collectionSchema } from './collection.ts';
import { collectionShape } from './collection-shape.ts';
import { isObject, type ShapeProblem } from './shape.ts';

/** `--check`: says on standard output what is wrong with a collection. @returns the exit code */
export async function checkCollection(source: string, { json }: { readonly json: boolean }, io: Io): Promise<number> {
  const problems = problemsOf(parse(await readTextSource(source, '--check', io)));
  const valid = problems.length === 0;
  if (json) {
    io.stdout.write(`${JSON.stringify({ valid, problems })}\n`);
  } else if (valid) {
    io.stdout.write('The collection follows the v2.1.0 schema.\n');
  } else {
    const lines = problems.map(({ path, message }) => `${path === '' ? 'The document' : printable(path)}: ${message}`);
    io.stdout.write(`${lines.join('\n')}\n`);
  }
  return valid ? 0 : 1;
}

function problemsOf(document: unknown): readonly ShapeProblem[] {
  const problems = [...collectionShape(document, '')];
  const schema = isObject(document) && isObject(document.info) ? document.info.schema : undefined;
  if (typeof schema === 'string' && schema !== collectionSchema) {
    problems.push({ path: 'info.schema', message: `${collectionSchema} is expected` });
  }
  return problems;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    // The parser's own words quote the text, which may hold a key.
    throw new CertgrantError('FORMAT_MALFORMED', 'check collection: the file is not JSON', {
      fix: 'Give a collection that was exported as JSON (Collection v2.1)',
    });
  }
}
