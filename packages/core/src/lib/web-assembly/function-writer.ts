/**
 * Writes the code of a WebAssembly function over words of one width (WebAssembly Core Specification §5.4).
 *
 * WebAssembly is a stack machine: an expression is the code of its operands, one after the other, and then its operator.
 */

/** Code that leaves one word on the stack: octets, and lists of such in between. Flat ones would be copied at every step. */
export type Expression = readonly (number | Expression)[];

export type WordLength = 32 | 64;

/** The code of each instruction, for words of 32 and of 64 bits (§5.4.6 and §5.4.7). */
const opcodes = {
  load: { 32: 0x28, 64: 0x29 },
  store: { 32: 0x36, 64: 0x37 },
  constant: { 32: 0x41, 64: 0x42 },
  add: { 32: 0x6a, 64: 0x7c },
  subtract: { 32: 0x6b, 64: 0x7d },
  and: { 32: 0x71, 64: 0x83 },
  xor: { 32: 0x73, 64: 0x85 },
  shiftRight: { 32: 0x76, 64: 0x88 },
  rotateRight: { 32: 0x78, 64: 0x8a },
} as const;

const valueType = { 32: 0x7f, 64: 0x7e } as const;
const instruction = { loop: 0x03, end: 0x0b, branchIf: 0x0d, getLocal: 0x20, setLocal: 0x21, noResult: 0x40 } as const;

/** The function's one parameter, a count of 32 bits. */
const countParameter = 0;

/** A function that takes a count and repeats a loop as often as that; what it works on stands in memory from 0 on. */
export class FunctionWriter {
  readonly wordLength: WordLength;
  readonly #code: number[] = [];
  #locals = 0;

  constructor(wordLength: WordLength) {
    this.wordLength = wordLength;
  }

  constant(value: bigint): Expression {
    return [opcodes.constant[this.wordLength], signedNumber(BigInt.asIntN(this.wordLength, value))];
  }

  readonly add = (...terms: readonly Expression[]): Expression => chain(opcodes.add[this.wordLength], terms);

  readonly xor = (...terms: readonly Expression[]): Expression => chain(opcodes.xor[this.wordLength], terms);

  readonly and = (...terms: readonly Expression[]): Expression => chain(opcodes.and[this.wordLength], terms);

  readonly shiftRight = (word: Expression, bits: number): Expression => [
    word,
    this.constant(BigInt(bits)),
    opcodes.shiftRight[this.wordLength],
  ];

  readonly rotateRight = (word: Expression, bits: number): Expression => [
    word,
    this.constant(BigInt(bits)),
    opcodes.rotateRight[this.wordLength],
  ];

  /** A new local variable that holds `value`; what comes back reads it. */
  hold(value: Expression): Expression {
    this.#locals++;
    const local = unsignedNumber(countParameter + this.#locals);
    this.#write([value, instruction.setLocal, local]);
    return [instruction.getLocal, local];
  }

  /** Gives a variable that came from {@link hold} another value. */
  assign([, local = []]: Expression, value: Expression): void {
    this.#write([value, instruction.setLocal, local]);
  }

  /** The word at this place of the memory, counted in words. */
  load(index: number): Expression {
    return [count32(0), opcodes.load[this.wordLength], this.#memoryArgument(index)];
  }

  store(index: number, value: Expression): void {
    this.#write([count32(0), value, opcodes.store[this.wordLength], this.#memoryArgument(index)]);
  }

  /** Runs what `writeBody` writes as often as the count says, which must not be 0. */
  repeat(writeBody: () => void): void {
    const count = [instruction.getLocal, countParameter];
    this.#write([instruction.loop, instruction.noResult]);
    writeBody();
    this.#write([count, count32(1), opcodes.subtract[32], instruction.setLocal, countParameter]);
    this.#write([count, instruction.branchIf, 0, instruction.end]);
  }

  /** The function as the code section has it: its local variables, all of one type, and its instructions (§5.5.13). */
  finish(): readonly number[] {
    return [1, ...unsignedNumber(this.#locals), valueType[this.wordLength], ...this.#code, instruction.end];
  }

  #write(code: Expression): void {
    for (const part of code) {
      if (typeof part === 'number') this.#code.push(part);
      else this.#write(part);
    }
  }

  /** Alignment, as its logarithm, and offset. */
  #memoryArgument(index: number): Expression {
    const octets = this.wordLength / 8;
    return [Math.log2(octets), unsignedNumber(index * octets)];
  }
}

/** One operator between all of `terms`, from the left. */
function chain(opcode: number, [first = [], ...others]: readonly Expression[]): Expression {
  const code: (number | Expression)[] = [first];
  for (const term of others) code.push(term, opcode);
  return code;
}

function count32(value: number): Expression {
  return [opcodes.constant[32], ...signedNumber(BigInt(value))];
}

/** LEB128 (§5.2.2): seven bits an octet, the lowest first. */
export function unsignedNumber(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsignedNumber(value >>> 7)];
}

function signedNumber(value: bigint): readonly number[] {
  const octet = Number(value & 0x7fn);
  // The last octet's highest bit is the sign.
  if (value >= -0x40n && value < 0x40n) return [octet];
  return [octet | 0x80, ...signedNumber(value >> 7n)];
}
