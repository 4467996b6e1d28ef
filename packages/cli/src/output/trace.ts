import type { TraceEvent } from '@certgrant/core';
import { type Paint, printable } from './text.ts';

/** An exchange with a server as `curl -v` shows it: `>` is sent, `<` came back. Secrets are masked where it comes from. */
export function traceLines(event: TraceEvent, { faint }: Paint): string {
  const lines = (mark: string, texts: readonly string[]): string =>
    texts.map((text) => `${faint(mark)} ${printable(text).replaceAll('\n', ' ')}\n`).join('');
  switch (event.type) {
    case 'request':
      return lines('>', [
        `${event.method} ${event.url}`,
        ...pairs(event.headers),
        ...(event.form === undefined ? [] : Object.entries(event.form).map(([name, value]) => `  ${name}=${value}`)),
      ]);
    case 'response':
      return lines('<', [
        `${event.status} after ${event.duration} ms`,
        ...pairs(event.headers),
        ...(typeof event.body === 'string'
          ? [`  ${event.body}`]
          : Object.entries(event.body).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`)),
      ]);
    case 'failure':
      return lines('<', [`nothing after ${event.duration} ms: ${event.message}`]);
  }
}

function pairs(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
}
