/**
 * A value as it stands in a form (application/x-www-form-urlencoded), with as few escapes as the form needs: `:` and `/` stay,
 * so that an address can be read. What is left has a meaning in no placeholder, template or language.
 *
 * @param value any text
 */
export function formValue(value: string): string {
  return encodeURIComponent(value)
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':')
    .replaceAll('%2F', '/');
}
