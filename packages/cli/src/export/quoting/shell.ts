/**
 * A text as one word of a POSIX shell: nothing inside single quotes has a meaning (POSIX.1-2017, Shell Command Language §2.2.2).
 *
 * @param text any text without a NUL, which no shell can hold
 */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
