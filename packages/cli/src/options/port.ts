import { usageError } from '../usage.ts';

/** A port number; 0 stands for a free one. */
export function portFrom(text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw usageError('--port: this is not a port number', 'Write a number up to 65535; 0 takes a free port');
}
