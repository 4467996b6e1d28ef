/**
 * A text as a string of PowerShell, all in ASCII: Windows PowerShell 5.1 reads a file without a byte order mark in the
 * code page of the machine.
 *
 * Nothing but the quote has a meaning inside single quotes. A text with other characters stands in double quotes, where
 * the backtick escapes and `$( )` is an expression.
 *
 * @param text any text
 */
export function powershellString(text: string): string {
  if (/^[ -~]*$/.test(text)) return `'${text.replaceAll("'", "''")}'`;
  const escaped = text.replaceAll(/[`"$]/g, '`$&').replaceAll(/[^ -~]/g, (unit) => {
    return `$([char]0x${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')})`;
  });
  return `"${escaped}"`;
}
