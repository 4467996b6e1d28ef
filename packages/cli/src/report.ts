import { type CertgrantError, type Explanation, isCertgrantError } from '@certgrant/core';
import type { Io } from './io.ts';
import { type Paint, paintFor, printable } from './output/text.ts';

/** What `--json` prints on standard error when a command fails; programs rely on these names. */
interface ErrorReport {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly fix: string;
    readonly aadsts?: string;
    readonly causes?: Explanation['causes'];
  };
}

/** Tells what went wrong and what to do next on `io.stderr`. Returns the exit code. */
export function report(thrown: unknown, argv: readonly string[], io: Io): number {
  const wantsJson = argv.includes('--json');
  const interruption = io.signal.aborted && !isCertgrantError(thrown) ? io.signal.reason : thrown;
  if (isCertgrantError(interruption)) {
    const { code, message, fix } = interruption;
    const aadsts = aadstsOf(interruption);
    const explanation = explanationOf(interruption);
    const details = {
      ...(aadsts === undefined ? {} : { aadsts }),
      ...(explanation === undefined ? {} : { causes: explanation.causes }),
    };
    write({ error: { code, message, fix, ...details } }, wantsJson, io, explanation);
    if (code === 'USAGE') return 2;
    return code === 'CANCELLED' ? 130 : 1;
  }
  write(bugReport(thrown), wantsJson, io);
  return 1;
}

function write(
  errorReport: ErrorReport,
  wantsJson: boolean,
  { stderr }: Io,
  explanation?: Explanation | undefined,
): void {
  if (wantsJson) {
    stderr.write(`${JSON.stringify(errorReport)}\n`);
    return;
  }
  const paint = paintFor(stderr);
  const { message, fix } = errorReport.error;
  const lines = [`${paint.red('error:')} ${printable(message)}`];
  if (explanation !== undefined) lines.push(...causeLines(explanation, paint));
  lines.push(`${paint.yellow('hint:')} ${printable(fix)}`);
  stderr.write(`${lines.join('\n')}\n`);
}

/** The most likely cause, with what was seen of the clocks, and where the other causes are listed. */
function causeLines({ code, causes, facts }: Explanation, { yellow }: Paint): readonly string[] {
  const [first, ...others] = causes;
  if (first === undefined) return [];
  const skew = facts.clockSkew === undefined ? '' : ` (${facts.clockSkew})`;
  const rest = others.filter(({ likelihood }) => likelihood !== 'unlikely').length;
  const more =
    first.likelihood === 'certain' || rest === 0 ? '' : `; certgrant explain ${code} has ${rest} more that it can be`;
  const word = first.likelihood === 'certain' ? '' : `${first.likelihood}: `;
  return [`${yellow('cause:')} ${printable(`${word}${first.why}${skew}${more}`)}`];
}

/** What the server's refusal means, where the error carries it. */
function explanationOf(error: CertgrantError): Explanation | undefined {
  return 'explanation' in error ? (error.explanation as Explanation | undefined) : undefined;
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
