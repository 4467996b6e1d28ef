import forge from 'node-forge';
import { PFX } from 'pkijs';

/** With node-forge, as its documentation shows it: the MAC is checked, everything is decrypted. */
export function openWithForge(pfx: Uint8Array, password: string): void {
  const { pki, pkcs12, asn1, util } = forge;
  const opened = pkcs12.pkcs12FromAsn1(asn1.fromDer(util.createBuffer(pfx)), password);
  const bagType = pki.oids.pkcs8ShroudedKeyBag ?? '';
  if (opened.getBags({ bagType })[bagType]?.[0]?.key == null) throw new Error('bench: node-forge found no key');
}

/** pkijs declares the method of this bag alone as protected, and its guide calls it. */
interface ShroudedKeyBag {
  parseInternalValues(parameters: { password: ArrayBuffer }): Promise<void>;
  readonly parsedValue?: unknown;
}

/** With pkijs, as its examples show it: layer by layer. */
export async function openWithPkijs(file: Uint8Array<ArrayBuffer>, text: string): Promise<void> {
  const password = new TextEncoder().encode(text).buffer;
  const pfx = PFX.fromBER(file);
  await pfx.parseInternalValues({ password, checkIntegrity: true });
  const safe = pfx.parsedValue?.authenticatedSafe;
  await safe?.parseInternalValues({ safeContents: safe.safeContents.map(() => ({ password })) });
  const contents: readonly { value: { safeBags: readonly { bagId: string; bagValue: unknown }[] } }[] =
    safe?.parsedValue.safeContents ?? [];
  const bag = contents
    .flatMap(({ value }) => value.safeBags)
    .find(({ bagId }) => bagId === '1.2.840.113549.1.12.10.1.2');
  const keyBag = bag?.bagValue as ShroudedKeyBag | undefined;
  await keyBag?.parseInternalValues({ password });
  if (keyBag?.parsedValue === undefined) throw new Error('bench: pkijs found no key');
}
