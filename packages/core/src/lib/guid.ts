import { CertgrantError } from '../errors.ts';

/**
 * A GUID in lower case, with hyphens.
 *
 * @throws {CertgrantError} `USAGE` when the text is none
 */
export function requireGuid(
  text: string,
  { action, name, fix }: { readonly action: string; readonly name: string; readonly fix: string },
): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase();
  throw new CertgrantError('USAGE', `${action}: ${name} is no GUID`, { fix });
}
