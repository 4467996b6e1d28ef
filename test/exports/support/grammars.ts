import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Language, type Node, Parser } from '@vscode/tree-sitter-wasm';

/** The languages whose programs cannot run on every machine; their grammars come ready from npm. */
export type GrammarName = 'powershell' | 'go' | 'c-sharp' | 'java';

const require = createRequire(import.meta.url);

/** Parses a whole file. */
export async function parsed(text: string, grammar: GrammarName): Promise<Node> {
  await Parser.init();
  const wasm = readFileSync(require.resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${grammar}.wasm`));
  const parser = new Parser().setLanguage(await Language.load(new Uint8Array(wasm)));
  const tree = parser.parse(text);
  if (tree === null) throw new Error(`the grammar of ${grammar} gave up`);
  return tree.rootNode;
}

/** The places that do not fit the grammar: `line: text`. */
export function faultsIn(node: Node): readonly string[] {
  if (node.isError || node.isMissing) return [`${node.startPosition.row + 1}: ${node.text.slice(0, 80)}`];
  return node.hasError ? node.children.flatMap((child) => (child === null ? [] : faultsIn(child))) : [];
}

/** How each grammar calls a string literal. */
const literals: Readonly<Record<GrammarName, readonly string[]>> = {
  powershell: ['verbatim_string_characters', 'expandable_string_literal'],
  go: ['interpreted_string_literal'],
  'c-sharp': ['string_literal'],
  java: ['string_literal'],
};

/** The values of all string literals, read by the rules of the language and by none of our code. */
export function stringsIn(root: Node, grammar: GrammarName): readonly string[] {
  return root
    .descendantsOfType([...literals[grammar]])
    .flatMap((node) =>
      node === null ? [] : [grammar === 'powershell' ? powershellValue(node.text) : value(node.text)],
    );
}

/** C#, Java and Go have the escapes of JSON, and Go a longer one. */
function value(literal: string): string {
  const short = literal.replaceAll(/(?<=(?:^|[^\\])(?:\\\\)*)\\U([0-9a-f]{8})/g, (_, hex) =>
    JSON.stringify(String.fromCodePoint(Number.parseInt(hex, 16))).slice(1, -1),
  );
  try {
    return JSON.parse(short);
  } catch {
    // A literal of the program itself with an escape that JSON has not.
    return literal;
  }
}

/** about_Quoting_Rules, about_Special_Characters. */
function powershellValue(literal: string): string {
  const inside = literal.slice(1, -1);
  if (literal.startsWith("'")) return inside.replaceAll("''", "'");
  return inside.replaceAll(/`(.)|\$\(\[char\]0x([0-9A-F]{4})\)/g, (_, escaped, hex) =>
    escaped === undefined ? String.fromCharCode(Number.parseInt(hex, 16)) : escaped,
  );
}
