import type { Io } from '../io.ts';
import { paintFor, twoColumns } from '../output/text.ts';
import type { ListedFormat } from './format.ts';
import { exportFormats } from './formats.ts';

/** `--list`: each format, what it makes, and whether the tests of certgrant run it or only check it. */
export function listFormats({ json }: { readonly json: boolean }, io: Io): void {
  if (json) {
    const formats = Object.entries(exportFormats).map(([name, { makes, proof, provenBy }]) => ({
      name,
      makes,
      proof,
      provenBy,
    }));
    io.stdout.write(`${JSON.stringify(formats)}\n`);
    return;
  }
  const { bold } = paintFor(io.stdout);
  const rows = Object.entries(exportFormats).map(([name, format]) => [name, description(format)] as const);
  io.stdout.write(`${bold('Formats')}\n${twoColumns(rows, io.stdout.columns)}\n`);
}

function description({ makes, proof, provenBy }: ListedFormat): string {
  return `${makes}\n${proof === 'run' ? `Run by ${provenBy}` : `Not run, only checked: ${provenBy}`}.`;
}
