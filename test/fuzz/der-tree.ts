/** One element of BER as a tree, for changing it and writing it again with lengths that fit. */
export interface Node {
  tag: number;
  indefinite: boolean;
  /** What was inside: elements, or octets where it holds none. Octets before the elements, as a BIT STRING has one. */
  prefix: Uint8Array;
  children: Node[];
  octets: Uint8Array;
}

/** Fewer than the reader allows, since a tree costs more than what the reader keeps. */
const deepest = 40;

/** @returns the elements that fill `bytes` as a whole, or `undefined` when it is no such sequence */
export function parseTree(bytes: Uint8Array, depth = 0): Node[] | undefined {
  const nodes: Node[] = [];
  let position = 0;
  while (position < bytes.length) {
    const parsed = parseNode(bytes, position, depth);
    if (parsed === undefined) return undefined;
    nodes.push(parsed.node);
    position = parsed.end;
  }
  return nodes;
}

function parseNode(bytes: Uint8Array, start: number, depth: number): { node: Node; end: number } | undefined {
  const [tag, first] = bytes.subarray(start, start + 2);
  if (tag === undefined || first === undefined || depth > deepest) return undefined;
  if (first === 0x80) return parseIndefinite(bytes, start, depth);
  const count = first < 0x80 ? 0 : first & 0x7f;
  if (count > 4) return undefined;
  let length = count === 0 ? first : 0;
  for (const octet of bytes.subarray(start + 2, start + 2 + count)) length = length * 256 + octet;
  const from = start + 2 + count;
  const end = from + length;
  if (end > bytes.length) return undefined;
  return { node: nodeOf(tag, bytes.subarray(from, end), depth), end };
}

function nodeOf(tag: number, contents: Uint8Array, depth: number): Node {
  const whole = { tag, indefinite: false, prefix: new Uint8Array(), children: [], octets: contents };
  // Strings of octets and bits often hold a structure of their own, and so do tagged elements.
  const mayHold = (tag & 0x20) !== 0 || tag === 0x03 || tag === 0x04 || tag === 0x80;
  if (!mayHold || contents.length < 2) return whole;
  const prefix = contents.subarray(0, tag === 0x03 ? 1 : 0);
  const children = parseTree(contents.subarray(prefix.length), depth + 1);
  return children === undefined ? whole : { ...whole, prefix, children, octets: new Uint8Array() };
}

function parseIndefinite(bytes: Uint8Array, start: number, depth: number): { node: Node; end: number } | undefined {
  const tag = bytes[start] ?? 0;
  const children: Node[] = [];
  let position = start + 2;
  while (!(bytes[position] === 0 && bytes[position + 1] === 0)) {
    const parsed = parseNode(bytes, position, depth + 1);
    if (parsed === undefined) return undefined;
    children.push(parsed.node);
    position = parsed.end;
  }
  const empty = new Uint8Array();
  return { node: { tag, indefinite: true, prefix: empty, children, octets: empty }, end: position + 2 };
}

export function writeTree(nodes: readonly Node[]): Uint8Array {
  return Buffer.concat(nodes.map(writeNode));
}

function writeNode(node: Node): Uint8Array {
  const contents = node.children.length > 0 ? Buffer.concat([node.prefix, writeTree(node.children)]) : node.octets;
  if (node.indefinite) return Buffer.concat([Uint8Array.of(node.tag, 0x80), contents, new Uint8Array(2)]);
  return Buffer.concat([Uint8Array.of(node.tag, ...lengthOctets(contents.length)), contents]);
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  if (length < 0x10000) return [0x82, length >> 8, length & 0xff];
  return [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
}

/** Every node of the tree, with the list that it stands in. */
export function everyNode(nodes: Node[]): { list: Node[]; index: number }[] {
  return nodes.flatMap((node, index) => [{ list: nodes, index }, ...everyNode(node.children)]);
}
