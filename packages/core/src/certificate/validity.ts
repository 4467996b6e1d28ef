import { DerError } from '../lib/der/der-error.ts';
import type { DerReader } from '../lib/der/reader.ts';
import { Tag } from '../lib/der/tag.ts';
import { element, sequence } from '../lib/der/writer.ts';
import { type Bytes, utf8 } from '../lib/text-encoding.ts';

const forms: Readonly<Record<number, RegExp>> = {
  [Tag.utcTime]: /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(Z|[+-]\d{4})$/,
  [Tag.generalizedTime]: /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(?:[.,]\d+)?(Z|[+-]\d{4})$/,
};

/** Reads Validity (RFC 5280 §4.1.2.5). */
export function readValidity(reader: DerReader): { notBefore: Date; notAfter: Date } {
  const validity = reader.sequence();
  const notBefore = readTime(validity);
  const notAfter = readTime(validity);
  validity.end();
  return { notBefore, notAfter };
}

/**
 * RFC 5280 wants whole seconds and a final Z. Certificates older than it leave the seconds out or name an offset, which
 * X.690 permits, so that is read too.
 */
function readTime(reader: DerReader): Date {
  const { tag, contents } = reader.element();
  // Longer than any time is; the rest of it would only be read in vain.
  const text = contents.length > 40 ? '' : String.fromCharCode(...contents);
  const parts = forms[tag]?.exec(text);
  if (parts === undefined || parts === null) throw new DerError('a time is not in the form of RFC 5280 §4.1.2.5');
  const [, year = '', month, day, hour, minute, second = '00', zone = 'Z'] = parts;
  // Two digits: 50 to 99 are of the last century (RFC 5280 §4.1.2.5.1).
  const fullYear = year.length === 4 ? year : `${Number(year) < 50 ? '20' : '19'}${year}`;
  const local = `${fullYear}-${month}-${day}T${hour}:${minute}:${second}`;
  const time = new Date(`${local}Z`);
  // A day that the month does not have, and the hour 24, roll over in some engines and are invalid in others.
  if (time.getUTCDate() !== Number(day) || time.getUTCHours() !== Number(hour)) {
    throw new DerError('a time that does not exist');
  }
  const offsetMinutes = zone === 'Z' ? 0 : Number(zone.slice(0, 3)) * 60 + Number(zone[0] + zone.slice(3));
  return new Date(time.getTime() - offsetMinutes * 60_000);
}

/** Writes Validity; the milliseconds are cut off. */
export function writeValidity(notBefore: Date, notAfter: Date): Bytes {
  return sequence(writeTime(notBefore), writeTime(notAfter));
}

/** UTCTime through the year 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). */
function writeTime(time: Date): Bytes {
  const digits = `${time.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
  const year = time.getUTCFullYear();
  return year >= 1950 && year < 2050
    ? element(Tag.utcTime, utf8(digits.slice(2)))
    : element(Tag.generalizedTime, utf8(digits));
}
