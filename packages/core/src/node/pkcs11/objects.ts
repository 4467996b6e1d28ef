import type { Certificate, PublicKey } from '../../certificate/certificate.ts';
import { readCertificate } from '../../certificate/read-certificate.ts';
import { readPublicKey } from '../../certificate/read-public-key.ts';
import { DerReader } from '../../lib/der/reader.ts';
import { bitString, integer, nullValue, oid, sequence } from '../../lib/der/writer.ts';
import { type Bytes, fromHex, toHex } from '../../lib/text-encoding.ts';
import type { AttributeValue, Handle } from './binding.ts';
import { Attribute, KeyType, ObjectClass, x509 } from './constants.ts';
import type { Session } from './session.ts';

interface TokenObject {
  /** CKA_ID in upper-case hexadecimal; empty where there is none. */
  readonly id: string;
  /** CKA_LABEL; empty where there is none. */
  readonly label: string;
}

/** A private key on a token. */
export interface TokenKey extends TokenObject {
  readonly handle: Handle;
  /** `undefined` where the token does not show it: a private EC key has no public half among its attributes. */
  readonly publicKey: PublicKey | undefined;
  /** Whether each signature needs the PIN again (CKA_ALWAYS_AUTHENTICATE). */
  readonly alwaysAuthenticate: boolean;
}

/** A certificate on a token. */
export interface TokenCertificate extends TokenObject {
  readonly certificate: Certificate;
}

/** By what objects are looked for; what is `undefined` is not looked at. */
export interface ObjectQuery {
  readonly label?: string | undefined;
  /** Upper-case hexadecimal. */
  readonly id?: string | undefined;
  /** The encoded name of a certificate's subject. */
  readonly subject?: Bytes | undefined;
}

/** The private keys that a query finds. */
export function findKeys(session: Session, query: ObjectQuery): readonly TokenKey[] {
  return session.find(template(ObjectClass.privateKey, query)).flatMap((handle) => {
    const id = idOf(session, handle);
    return {
      handle,
      id,
      label: labelOf(session, handle),
      publicKey: publicKeyOf(session, handle, id),
      alwaysAuthenticate: session.attribute(handle, Attribute.alwaysAuthenticate)?.[0] === 1,
    };
  });
}

/** The X.509 certificates that a query finds; what is no certificate is left out. */
export function findCertificates(session: Session, query: ObjectQuery): readonly TokenCertificate[] {
  const wanted = [...template(ObjectClass.certificate, query), { type: Attribute.certificateType, value: x509 }];
  return session.find(wanted).flatMap((handle) => {
    const certificate = certificateOf(session.attribute(handle, Attribute.value));
    return certificate === undefined ? [] : { certificate, id: idOf(session, handle), label: labelOf(session, handle) };
  });
}

/** Whether the token shows something that a query finds, without anybody having logged in. */
export function showsAny(session: Session, query: ObjectQuery): boolean {
  return Object.values(ObjectClass).some((objectClass) => session.find(template(objectClass, query)).length > 0);
}

function template(objectClass: number, { label, id, subject }: ObjectQuery): AttributeValue[] {
  const wanted: AttributeValue[] = [{ type: Attribute.class, value: objectClass }];
  if (label !== undefined) wanted.push({ type: Attribute.label, value: Buffer.from(label) });
  if (id !== undefined) wanted.push({ type: Attribute.id, value: Buffer.from(fromHex(id)) });
  if (subject !== undefined) wanted.push({ type: Attribute.subject, value: Buffer.from(subject) });
  return wanted;
}

function idOf(session: Session, object: Handle): string {
  return toHex(session.attribute(object, Attribute.id) ?? new Uint8Array());
}

function labelOf(session: Session, object: Handle): string {
  return (session.attribute(object, Attribute.label) ?? Buffer.alloc(0)).toString('utf8');
}

function certificateOf(der: Buffer | undefined): Certificate | undefined {
  return attempt(() => (der === undefined ? undefined : readCertificate(new Uint8Array(der))));
}

/** From the private key itself where it says it, else from the public key of the same CKA_ID. */
function publicKeyOf(session: Session, key: Handle, id: string): PublicKey | undefined {
  const own = publicKeyFrom(session, key);
  if (own !== undefined || id === '') return own;
  for (const handle of session.find(template(ObjectClass.publicKey, { id }))) {
    const found = publicKeyFrom(session, handle);
    if (found !== undefined) return found;
  }
  return undefined;
}

function publicKeyFrom(session: Session, object: Handle): PublicKey | undefined {
  const attribute = (type: number): Buffer | undefined => {
    const value = session.attribute(object, type);
    return value === undefined || value.length === 0 ? undefined : value;
  };
  const type = attribute(Attribute.keyType);
  const number = type?.readUIntLE(0, Math.min(type.length, 6));
  if (number === KeyType.rsa) {
    const modulus = attribute(Attribute.modulus);
    const exponent = attribute(Attribute.publicExponent);
    if (modulus !== undefined && exponent !== undefined) return readPublicKey(rsaSpki(modulus, exponent));
  }
  if (number === KeyType.ec) {
    const parameters = attribute(Attribute.ecParameters);
    const point = attribute(Attribute.ecPoint);
    if (parameters !== undefined && point !== undefined) return attempt(() => readPublicKey(ecSpki(parameters, point)));
  }
  const info = attribute(Attribute.publicKeyInfo);
  return info === undefined ? undefined : attempt(() => readPublicKey(new Uint8Array(info)));
}

/** RFC 3279 §2.3.1. */
function rsaSpki(modulus: Uint8Array, exponent: Uint8Array): Bytes {
  const key = sequence(integer(modulus), integer(exponent));
  return sequence(sequence(oid('1.2.840.113549.1.1.1'), nullValue()), bitString(key));
}

/** RFC 5480 §2. The point is an OCTET STRING (PKCS#11 2.40 §2.3.3); old modules give its octets alone. */
function ecSpki(parameters: Uint8Array, value: Uint8Array): Bytes {
  const point = attempt(() => {
    const reader = new DerReader(new Uint8Array(value));
    const octets = reader.octetString();
    reader.end();
    // A point begins with 02, 03 or 04 (SEC 1 §2.3.3).
    return [2, 3, 4].includes(octets[0] ?? 0) ? octets : undefined;
  });
  return sequence(sequence(oid('1.2.840.10045.2.1'), new Uint8Array(parameters)), bitString(point ?? value));
}

/** What a token holds may be of a kind that cannot be read; it is as good as not there then. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
