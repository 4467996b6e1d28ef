import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build, transform } from 'esbuild';
import { parseAst } from 'vite';
import { root } from './files.mjs';

/** Room for the counters, one octet for each block of code: more than core has. */
const mostCounters = 1 << 16;

/** The sources whose blocks count: what the targets are about. */
const readers = /[/\\]packages[/\\]core[/\\]src[/\\](keyfile|certificate|lib[/\\](der|ciphers|hashing))[/\\].*\.ts$/;

/**
 * What differs from the shipped code. A derivation of a key costs next to nothing, so that thousands of inputs a second
 * get past it; and any MAC is right, or else no changed file would be read any further.
 */
const replacements = {
  'packages/core/src/keyfile/derivation-cost.ts': [
    'iterations: 1_000_000, total: 12_000_000, memory: 256 * 1024 * 1024',
    'iterations: 300, total: 10_000, memory: 1024 * 1024',
  ],
  'packages/core/src/keyfile/pfx-mac.ts': ['return difference === 0;', 'return difference >= 0;'],
};

/**
 * Bundles the fuzzer with core's sources, in which every block counts how often it was entered.
 *
 * @param {string} outfile
 * @returns {Promise<number>} how many counters there are
 */
export async function bundleFuzzer(outfile) {
  let counters = 0;
  const counted = {
    name: 'count blocks',
    setup({ onLoad }) {
      onLoad({ filter: readers }, async ({ path }) => {
        const source = replaced(relative(root, path).replaceAll('\\', '/'), await readFile(path, 'utf8'));
        const { code } = await transform(source, { loader: 'ts', target: 'node20', sourcefile: path });
        const instrumented = countBlocks(code, counters);
        counters = instrumented.next;
        if (counters > mostCounters) throw new Error('bundle the fuzzer: more blocks than counters');
        return { contents: instrumented.code, loader: 'js' };
      });
    },
  };
  await build({
    absWorkingDir: root,
    entryPoints: ['test/fuzz/main.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@certgrant/source'],
    keepNames: true,
    banner: { js: `globalThis.blockCounters = new Uint8Array(${mostCounters});` },
    plugins: [counted],
    logLevel: 'warning',
  });
  return counters;
}

function replaced(path, source) {
  const [before, after] = replacements[path] ?? [];
  if (before === undefined) return source;
  if (!source.includes(before)) throw new Error(`bundle the fuzzer: ${join(path)} no longer has "${before}"`);
  return source.replace(before, after);
}

/** Puts a counter at the start of every block that a decision can lead to. */
function countBlocks(code, first) {
  let next = first;
  const insertions = [];
  const count = () => `blockCounters[${next++}]++`;
  // What a node itself asks for comes before what the nodes around it asked for.
  const closings = new Map();
  const closeWith = (node, text) => closings.set(node, [text, ...(closings.get(node) ?? [])]);
  const insert = (at, text, closing = false) => insertions.push({ at, text, closing, order: insertions.length });
  const statement = (node) => {
    if (node.type === 'BlockStatement') return insert(node.start + 1, `${count()};`);
    insert(node.start, `{${count()};`);
    closeWith(node, '}');
  };
  const expression = (node) => {
    insert(node.start, `(${count()},`);
    closeWith(node, ')');
  };
  const counters = {
    FunctionDeclaration: ({ body }) => statement(body),
    FunctionExpression: ({ body }) => statement(body),
    ArrowFunctionExpression: ({ body }) => (body.type === 'BlockStatement' ? statement(body) : expression(body)),
    IfStatement(node) {
      statement(node.consequent);
      if (node.alternate) statement(node.alternate);
      else closeWith(node, ` else{${count()}}`);
    },
    ForStatement: ({ body }) => statement(body),
    ForOfStatement: ({ body }) => statement(body),
    ForInStatement: ({ body }) => statement(body),
    WhileStatement: ({ body }) => statement(body),
    DoWhileStatement: ({ body }) => statement(body),
    SwitchCase: ({ consequent: [start] }) => start && insert(start.start, `${count()};`),
    CatchClause: ({ body }) => statement(body),
    ConditionalExpression({ consequent, alternate }) {
      expression(consequent);
      expression(alternate);
    },
    LogicalExpression: ({ right }) => expression(right),
  };
  const visit = (node) => {
    counters[node.type]?.(node);
    for (const child of Object.values(node)) {
      if (Array.isArray(child)) for (const item of child) item?.type && visit(item);
      else if (child?.type) visit(child);
    }
    for (const text of closings.get(node) ?? []) insert(node.end, text, true);
  };
  visit(parseAst(code));

  insertions.sort((a, b) => a.at - b.at || Number(b.closing) - Number(a.closing) || a.order - b.order);
  let text = '';
  let position = 0;
  for (const { at, text: inserted } of insertions) {
    text += code.slice(position, at) + inserted;
    position = at;
  }
  return { code: text + code.slice(position), next };
}
