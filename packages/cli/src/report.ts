import { type CertgrantError, isCertgrantError } from '@certgrant/core';
import type { Io } from './io.ts';
import { paintFor, printable } from './output/text.ts';

/** What `--json` prints on standard error when a command fails; programs rely on these names. */
interface ErrorReport {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly fix: string;
    readonly aadsts?: string;
  };
}

/** Tells what went wrong and what to do next on `io.stderr`. Returns the exit code. */
export function report(thrown: unknown, argv: readonly string[], io: Io): number {
  const wantsJson = argv.includes('--json');
  const interruption = io.signal.aborted && !isCertgrantError(thrown) ? io.signal.reason : thrown;
  if (isCertgrantError(interruption)) {
    const { code, message, fix } = interruption;
    const aadsts = aadstsOf(interruption);
    write({ error: { code, message, fix, ...(aadsts === undefined ? {} : { aadsts }) } }, wantsJson, io);
    if (code === 'USAGE') return 2;
    return code === 'CANCELLED' ? 130 : 1;
  }
  write(bugReport(thrown), wantsJson, io);
  return 1;
}

function write(errorReport: ErrorReport, wantsJson: boolean, { stderr }: Io): void {
  if (wantsJson) {
    stderr.write(`${JSON.stringify(errorReport)}\n`);
    return;
  }
  const paint = paintFor(stderr);
  const { message, fix } = errorReport.error;
  stderr.write(`${paint.red('error:')} ${printable(message)}\n${paint.yellow('hint:')} ${printable(fix)}\n`);
}

function aadstsOf(error: CertgrantError): string | undefined {
  return 'aadsts' in error && error.aadsts !== undefined ? String(error.aadsts) : undefined;
}

/**
 * A fault of certgrant itself. The thrown error's own message is left out: it may quote what was being worked on
 * (`JSON.parse` does), and that may be a secret. The places in the code say enough to find it.
 */
function bugReport(thrown: unknown): ErrorReport {
  const kind = thrown instanceof Error ? thrown.constructor.name : typeof thrown;
  const code = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? ` ${thrown.code}` : '';
  const places = thrown instanceof Error ? placesIn(thrown) : [];
  return {
    error: {
      code: 'INTERNAL',
      message: [
        'certgrant failed: this is a bug in certgrant, not in what you typed',
        `${kind}${code}`,
        ...places,
      ].join('\n  '),
      fix: 'Please report these lines with the command that you ran; they hold no key, password or token',
    },
  };
}

function placesIn({ stack = '' }: Error): readonly string[] {
  return stack
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, 6)
    .map((line) => line.trim());
}
