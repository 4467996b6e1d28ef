import { printable } from '../../jwt/printable.ts';
import { maskText } from '../../token/trace.ts';

/** What must not stand in the report as it is. */
export interface Private {
  /** The home folders of the user, as the environment and the system name them. */
  readonly homes: readonly string[];
  /** The tenant and the client id where they are not GUIDs, which are known by their form. */
  readonly names: readonly string[];
}

const guid = /\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
const userInUrl = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;
/** The folder of some user on Linux, macOS and Windows. */
const anyHome = /(?:\/home|\/Users|\b[A-Z]:\\Users)[\\/][^\s\\/:'"]+/g;

/** A key or certificate that was given in the place of a file's name, and anything as long as one. */
const pemText = /-----BEGIN [\s\S]*/g;
const longWord = /[\w+/=-]{120,}/g;

/** A text of the report, fit for a ticket or a chat: ids shortened, home folders, user names and tokens left out, on one line. */
export function safeToPaste(text: string, { homes, names }: Private): string {
  let safe = maskText(text)
    .replace(pemText, '[PEM, masked]')
    .replace(longWord, '[masked]')
    .replace(userInUrl, '$1***@');
  for (const home of homes) safe = safe.replaceAll(home, '~');
  safe = safe.replace(anyHome, '~').replace(guid, '$1…');
  for (const name of names) safe = safe.replace(wholeWord(name), `${name.slice(0, 3)}…`);
  return printable(safe.replace(/\s+/g, ' ').trim());
}

/** A name where it is not a part of a longer one. */
function wholeWord(name: string): RegExp {
  return new RegExp(`(?<![\\w.-])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`, 'gi');
}
