import { usageError } from '../usage.ts';

/** A number of seconds, with a fraction or without; `undefined` where the option is not given. */
export function secondsFrom(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}(\.\d{1,3})?$/.test(text)) return Number(text);
  throw usageError(`${name}: this is not a number of seconds`, 'Write a number such as 30 or 0.5');
}
