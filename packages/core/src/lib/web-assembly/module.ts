import type { Bytes } from '../text-encoding.ts';
import { unsignedNumber } from './function-writer.ts';

/** Sections of a module (WebAssembly Core Specification §5.5.2). */
const section = { type: 1, function: 3, memory: 5, export: 7, code: 10 } as const;

/** `\0asm` and the version (§5.5.16). */
const preamble = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const functionType = [0x60, /* one parameter, i32 */ 1, 0x7f, /* no result */ 0];
const onePageOfMemory = [/* no upper bound */ 0, 1];
const exportKind = { function: 0, memory: 2 } as const;

/** A module of one function, exported as `run`, over 64 KB of memory, exported as `memory`. */
export function moduleOf(functionCode: readonly number[]): Bytes {
  return new Uint8Array([
    ...preamble,
    ...sectionOf(section.type, [functionType]),
    ...sectionOf(section.function, [[0]]),
    ...sectionOf(section.memory, [onePageOfMemory]),
    ...sectionOf(section.export, [
      [...name('memory'), exportKind.memory, 0],
      [...name('run'), exportKind.function, 0],
    ]),
    ...sectionOf(section.code, [[...unsignedNumber(functionCode.length), ...functionCode]]),
  ]);
}

/** A list with its number of entries, after its length in octets. */
function sectionOf(id: number, entries: readonly (readonly number[])[]): readonly number[] {
  const contents = [...unsignedNumber(entries.length), ...entries.flat()];
  return [id, ...unsignedNumber(contents.length), ...contents];
}

function name(text: string): readonly number[] {
  return [...unsignedNumber(text.length), ...[...text].map((letter) => letter.charCodeAt(0))];
}
