import { printable } from '../jwt/printable.ts';
import { maskText } from '../token/trace.ts';

/** A secret with its name: in a form, in JSON, in a header. */
const named =
  /\b(client_?secret|secret|password|passwd|pwd|access_?token|refresh_?token|id_?token|client_?assertion|assertion|proof|api_?key|authorization)(["']?\s{0,3}[:=]\s{0,3}["']?)(?:(?:bearer|basic) )?[^\s"'&,;]{4,}/gi;
const header = /\b(bearer|basic) [^\s"'&,;]{8,}/gi;

/** A word that nobody reads: tokens and generated secrets. Not where it goes on a URL or a name with colons. */
const longWord = /(?<![\w:/.~+=@-])[\w.~+/=-]{24,}/g;
const harmless =
  /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}[.,]?|[0-9A-Fa-f]{40,160}|[^0-9]*|[\w.-]+\.[a-z]{2,}\/.*)$/i;

/**
 * Text that somebody else wrote, fit to be shown: on one line, without anything that steers a terminal, without tokens
 * and secrets, and not longer than `length`.
 */
export function safeText(text: string, length: number): string {
  // Cut first: what is left out need not be looked at.
  const line = text
    .slice(0, length * 4)
    .replace(/\s+/g, ' ')
    .trim();
  const masked = maskText(line)
    .replace(named, '$1$2[masked]')
    .replace(header, '$1 [masked]')
    .replace(longWord, (word) => (harmless.test(word) ? word : '[masked]'));
  const shown = printable(masked);
  return shown.length > length ? `${shown.slice(0, length - 1)}…` : shown;
}
