import type { OptionSpecs } from '../arguments.ts';
import type { Command } from '../command.ts';
import { paintFor, twoColumns, wrap } from '../output/text.ts';

interface Page {
  readonly columns: number;
  readonly hasColours: boolean;
}

/** A command's help, set for the width of the page. */
export function renderHelp(command: Command, page: Page): string {
  const { bold } = paintFor(page);
  const { columns } = page;
  const section = (title: string, body: string): string => `${bold(title)}\n${body}`;
  const sections = [
    wrap(`certgrant ${command.name}: ${command.summary}`, columns).replace(/^[^:]+/, bold),
    section('Usage', command.synopsis.map((line) => `  certgrant ${command.name} ${line}`.trimEnd()).join('\n')),
    command.description.map((paragraph) => wrap(paragraph, columns)).join('\n\n'),
  ];
  if (command.operands !== undefined) {
    sections.push(section('Arguments', twoColumns(Object.entries(command.operands), columns)));
  }
  sections.push(
    section('Options', twoColumns(optionRows(command.options), columns)),
    section('Examples', command.examples.map(({ purpose, line }) => `  # ${purpose}\n  ${line}`).join('\n\n')),
    section('Exit codes', twoColumns(exitCodeRows(command.exitCodes), columns)),
  );
  if (command.environment !== undefined) {
    sections.push(section('Environment', twoColumns(Object.entries(command.environment), columns, { widest: 38 })));
  }
  return `${sections.join('\n\n')}\n`;
}

function optionRows(options: OptionSpecs): readonly (readonly [string, string])[] {
  const rows = Object.entries(options).map(([name, { type, value, choices, multiple, help }]) => {
    const shape = type === 'boolean' ? '' : ` ${value ?? choices?.join('|') ?? 'VALUE'}`;
    return [`--${name}${shape}`, multiple ? `${help}; may be given several times` : help] as const;
  });
  return [...rows, ['--help', 'Show this help']];
}

function exitCodeRows(own: Command['exitCodes']): readonly (readonly [string, string])[] {
  const codes: Record<number, string> = {
    0: 'done',
    1: 'failed; the reason and the next step are on standard error',
    2: 'wrong usage: an option, an argument or their combination',
    130: 'interrupted with Ctrl-C',
    ...own,
  };
  return Object.entries(codes);
}
