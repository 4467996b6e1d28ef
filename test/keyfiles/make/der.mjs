/** Just enough DER to take key files apart and put them together wrongly; not the library's, which these files try. */

export function element(tag, ...contents) {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(body.length)]), body]);
}

function lengthOctets(length) {
  if (length < 0x80) return [length];
  const hex = length.toString(16);
  const octets = [...Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')];
  return [0x80 | octets.length, ...octets];
}

export const sequence = (...contents) => element(0x30, ...contents);
export const set = (...contents) => element(0x31, ...contents);
export const octetString = (octets) => element(0x04, octets);
export const explicit = (number, ...contents) => element(0xa0 | number, ...contents);
export const nothing = element(0x05);

/** Two's complement, negative ones too. */
export function integer(value) {
  const number = BigInt(value);
  for (let length = 1; ; length++) {
    if (BigInt.asIntN(8 * length, number) !== number) continue;
    const hex = BigInt.asUintN(8 * length, number).toString(16);
    return element(0x02, Buffer.from(hex.padStart(2 * length, '0'), 'hex'));
  }
}

export function oid(dotted) {
  const [root, second, ...tail] = dotted.split('.').map(Number);
  const octets = [root * 40 + second, ...tail].flatMap((arc) => {
    const groups = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) groups.unshift(128 + (rest % 128));
    return groups;
  });
  return element(0x06, Buffer.from(octets));
}

/** The elements in definite form that fill `der`. */
export function elements(der) {
  const found = [];
  for (let position = 0; position < der.length; ) {
    const first = der[position + 1];
    const count = first < 0x80 ? 0 : first & 0x7f;
    const start = position + 2 + count;
    const end = start + (count === 0 ? first : der.readUIntBE(position + 2, count));
    found.push({ tag: der[position], contents: der.subarray(start, end), raw: der.subarray(position, end) });
    position = end;
  }
  return found;
}

/** The elements inside the only element of `der`. */
export const inside = (der) => elements(elements(der)[0].contents);

/** Indefinite lengths and OCTET STRINGs in segments, as deep as elements are constructed. */
export function toBer(der, segmentLength = 200) {
  return Buffer.concat(
    elements(der).map(({ tag, contents, raw }) => {
      if ((tag & 0x20) !== 0) return indefinite(tag, toBer(contents, segmentLength));
      return tag === 0x04 || tag === 0x80 ? indefinite(tag | 0x20, segments(contents, segmentLength)) : raw;
    }),
  );
}

export function indefinite(tag, contents) {
  return Buffer.concat([Buffer.from([tag, 0x80]), contents, Buffer.alloc(2)]);
}

function segments(octets, length) {
  const parts = [];
  for (let start = 0; start < octets.length; start += length)
    parts.push(octetString(octets.subarray(start, start + length)));
  return Buffer.concat(parts);
}
