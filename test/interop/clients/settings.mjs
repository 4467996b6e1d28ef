import { readFileSync } from 'node:fs';

/** What the test says: one JSON argument; secrets come as files. */
export const settings = JSON.parse(process.argv[2] ?? '{}');

export const read = (file) => readFileSync(file, 'utf8');
