import { everyNode, type Node, parseTree, writeTree } from './der-tree.ts';
import type { Random } from './random.ts';

/** Changes inputs: octets without regard to what they mean, and DER as a tree whose lengths are written anew. */
export class Mutator {
  readonly #random: Random;
  readonly #dictionary: readonly Uint8Array[];
  readonly #longest: number;

  constructor(random: Random, dictionary: readonly Uint8Array[], longest: number) {
    this.#random = random;
    this.#dictionary = dictionary;
    this.#longest = longest;
  }

  /** @param other another input, to take parts from */
  mutate(input: Uint8Array, other: Uint8Array): Uint8Array {
    let changed: Uint8Array = new Uint8Array(input);
    for (let times = 1 << this.#random.below(4); times > 0; times--) changed = this.#once(changed, other);
    return changed.subarray(0, this.#longest);
  }

  #once(input: Uint8Array, other: Uint8Array): Uint8Array {
    if (this.#random.below(3) === 0) return this.#octets(input, other);
    const armoured = this.#random.below(2) === 0 ? this.#insidePem(input, other) : undefined;
    return armoured ?? this.#tree(input, other) ?? this.#octets(input, other);
  }

  #octets(input: Uint8Array, other: Uint8Array): Uint8Array {
    const random = this.#random;
    const at = random.below(input.length + 1);
    const length = 1 + random.below(random.below(2) === 0 ? 8 : Math.max(1, input.length - at));
    const spliced = (inserted: Uint8Array, removed = 0): Uint8Array =>
      Buffer.concat([input.subarray(0, at), inserted, input.subarray(at + removed)]);
    switch (random.below(9)) {
      case 0:
        return spliced(Uint8Array.of((input[at] ?? 0) ^ (1 << random.below(8))), 1);
      case 1:
        return spliced(Uint8Array.of(random.below(256)), 1);
      case 2:
        return spliced(Uint8Array.of(random.pick([0, 1, 0x7f, 0x80, 0x81, 0x84, 0xff, 0x30, 0xa0, 0x24]) ?? 0), 1);
      case 3:
        return spliced(new Uint8Array(), length);
      case 4:
        return spliced(random.octets(random.below(16)));
      case 5: {
        const from = random.below(other.length + 1);
        return spliced(other.subarray(from, from + length), random.below(2) * length);
      }
      case 6: {
        const from = random.below(input.length + 1);
        return spliced(input.subarray(from, from + length), random.below(2) * length);
      }
      case 7: {
        const word = random.pick(this.#dictionary) ?? new Uint8Array();
        return spliced(word, random.below(2) * word.length);
      }
      default:
        return input.subarray(0, at);
    }
  }

  /** The octets of one base64 block, changed and written back. */
  #insidePem(input: Uint8Array, other: Uint8Array): Uint8Array | undefined {
    const text = Buffer.from(input).toString('latin1');
    const blocks = [...text.matchAll(/[A-Za-z0-9+/_-][A-Za-z0-9+/_=\r\n-]{30,}/g)];
    const block = this.#random.pick(blocks.filter(([match]) => !match.startsWith('--')));
    if (block === undefined) return undefined;
    const [digits] = block;
    const body = digits.replace(/-----[\s\S]*$/, '');
    const der = Buffer.from(body, 'base64');
    const changed = this.#tree(der, other) ?? this.#octets(der, other);
    const base64 = Buffer.from(changed).toString('base64').replaceAll(/.{64}/g, '$&\n');
    return Buffer.from(`${text.slice(0, block.index)}${base64}\n${text.slice(block.index + body.length)}`, 'latin1');
  }

  #tree(input: Uint8Array, other: Uint8Array): Uint8Array | undefined {
    const nodes = parseTree(input);
    const place = nodes && this.#random.pick(everyNode(nodes));
    if (nodes === undefined || place === undefined) return undefined;
    this.#changeNode(place, nodes, other);
    return writeTree(nodes);
  }

  #changeNode({ list, index }: { list: Node[]; index: number }, nodes: Node[], other: Uint8Array): void {
    const random = this.#random;
    const node = list[index] as Node;
    const copyOf = (source: Node[]): Node | undefined => {
      const found = random.pick(everyNode(source));
      return found && structuredClone(found.list[found.index]);
    };
    switch (random.below(11)) {
      case 0:
        list.splice(index, 1);
        break;
      case 1:
        list.splice(index, 0, structuredClone(node));
        break;
      case 2:
        node.tag =
          random.pick([0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x17, 0x1e, 0x30, 0x31, 0x80, 0xa0, 0xa1]) ?? 0;
        break;
      case 3:
        node.tag ^= 1 << random.below(8);
        break;
      case 4:
        node.indefinite = (node.tag & 0x20) !== 0 && !node.indefinite;
        break;
      case 5:
        list[index] = copyOf(parseTree(other) ?? nodes) ?? node;
        break;
      case 6:
        list.splice(index, 0, ...[copyOf(nodes)].flatMap((copy) => copy ?? []));
        break;
      case 7:
        this.#wrap(list, index);
        break;
      case 8:
        list[index] = { ...node, children: [], octets: this.#word(node.tag) };
        break;
      case 9:
        this.#swap(list, index);
        break;
      default:
        if (node.children.length === 0) node.octets = this.#octets(node.octets, other);
        else node.children.reverse();
    }
  }

  /** An object identifier or another word of the trade, or a number on the edge of something. */
  #word(tag: number): Uint8Array {
    const random = this.#random;
    if (tag === 0x02) {
      const edges = [
        '00',
        '01',
        '02',
        '03',
        '7f',
        'ff',
        '80',
        '0400',
        '07d0',
        '7fffffff',
        '00ffffffff',
        '20000000000000',
      ];
      return Buffer.from(random.pick(edges) ?? '', 'hex');
    }
    const word = random.pick(this.#dictionary) ?? new Uint8Array();
    return tag === 0x06 && word[0] === 0x06 ? word.subarray(2) : word;
  }

  #wrap(list: Node[], index: number): void {
    const node = list[index] as Node;
    const empty = new Uint8Array();
    let wrapped = node;
    for (let levels = 1 << this.#random.below(5); levels > 0; levels--) {
      const tag = this.#random.pick([0x30, 0x31, 0x24, 0xa0, 0x04]) ?? 0x30;
      const indefinite = tag !== 0x04 && this.#random.below(2) === 0;
      wrapped = { tag, indefinite, prefix: empty, children: [wrapped], octets: empty };
    }
    list[index] = wrapped;
  }

  #swap(list: Node[], index: number): void {
    const other = this.#random.below(list.length);
    [list[index], list[other]] = [list[other] as Node, list[index] as Node];
  }
}
