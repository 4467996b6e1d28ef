/** Splits a line as a POSIX shell does, as far as the lines in help and demo go: quotes, no expansions. */
export function shellWords(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );
}
