import { CertgrantError } from '../../errors.ts';
import type { Cryptoki, Handle, SlotInfo, TokenInfo } from './binding.ts';
import { Flag } from './constants.ts';
import { explained } from './failure.ts';
import type { Pkcs11Uri } from './uri.ts';

/** A token that is there, and the slot that it is in. */
export interface Token {
  readonly slot: Handle;
  readonly label: string;
  readonly serial: string;
}

/**
 * Every initialised token that a URI could mean.
 *
 * @throws {CertgrantError} `KEY_STORE_UNAVAILABLE` when there is none
 */
export function findTokens(cryptoki: Cryptoki, uri: Pkcs11Uri): readonly [Token, ...(readonly Token[])] {
  return explained('find PKCS#11 token', () => {
    requireLibrary(cryptoki, uri);
    const present: { readonly token: Token; readonly matches: boolean }[] = [];
    for (const slot of cryptoki.C_GetSlotList(true)) {
      const info = cryptoki.C_GetTokenInfo(slot);
      if ((info.flags & Flag.tokenInitialized) === 0) continue;
      const token = { slot, label: unpadded(info.label), serial: unpadded(info.serialNumber) };
      present.push({ token, matches: fits(uri, slot, cryptoki.C_GetSlotInfo(slot), info) });
    }
    const [first, ...others] = present.filter(({ matches }) => matches).map(({ token }) => token);
    if (first !== undefined) return [first, ...others];
    throw noToken(present.map(({ token }) => token));
  });
}

/** How messages name a token: as the URI would. */
export function nameOf({ label, serial }: Token): string {
  return `token=${encoded(label)};serial=${encoded(serial)}`;
}

/** A text as it stands in a `pkcs11:` URI. */
export function encoded(text: string): string {
  return encodeURIComponent(text);
}

function requireLibrary(cryptoki: Cryptoki, uri: Pkcs11Uri): void {
  const { libraryManufacturer, libraryDescription, libraryVersion } = uri;
  const info = cryptoki.C_GetInfo();
  const { major, minor } = info.libraryVersion;
  const isMeant =
    isEqual(libraryManufacturer, info.manufacturerID) &&
    isEqual(libraryDescription, info.libraryDescription) &&
    (libraryVersion === undefined || (libraryVersion.major === major && libraryVersion.minor === minor));
  if (isMeant) return;
  const what = `${unpadded(info.libraryDescription)} ${major}.${minor} by ${unpadded(info.manufacturerID)}`;
  throw new CertgrantError('KEY_STORE_UNAVAILABLE', `find PKCS#11 token: the module is ${what}, not the one named`, {
    fix: 'Correct the attributes library-… of the URI, or leave them out',
  });
}

function fits(uri: Pkcs11Uri, slot: Handle, slotInfo: SlotInfo, info: TokenInfo): boolean {
  return (
    isEqual(uri.token, info.label) &&
    isEqual(uri.manufacturer, info.manufacturerID) &&
    isEqual(uri.model, info.model) &&
    isEqual(uri.serial, info.serialNumber) &&
    isEqual(uri.slotDescription, slotInfo.slotDescription) &&
    isEqual(uri.slotManufacturer, slotInfo.manufacturerID) &&
    (uri.slotId === undefined || uri.slotId === slot.readUIntLE(0, Math.min(slot.length, 6)))
  );
}

/** Fields of PKCS#11 are padded with spaces; some modules pad with zeros. */
function isEqual(wanted: string | undefined, field: string): boolean {
  return wanted === undefined || unpadded(wanted) === unpadded(field);
}

function unpadded(field: string): string {
  return field.replace(/[\0 ]+$/, '');
}

function noToken(present: readonly Token[]): CertgrantError {
  if (present.length === 0) {
    return new CertgrantError('KEY_STORE_UNAVAILABLE', 'find PKCS#11 token: the module shows none', {
      fix: "Insert the token, or check with pkcs11-tool --list-slots and the module's settings that it is seen",
    });
  }
  return new CertgrantError('KEY_STORE_UNAVAILABLE', 'find PKCS#11 token: none is the one that the URI names', {
    fix: `Choose one that is there: ${present.slice(0, 10).map(nameOf).join(', ')}`,
  });
}
