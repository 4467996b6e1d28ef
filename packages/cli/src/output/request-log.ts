import type { RequestReport } from '@certgrant/authority';

/** How requests are logged. */
export const logForms = ['text', 'json', 'off'] as const;

/** A request in one line, for people or for programs; nothing secret is in it. */
export function requestLine(report: RequestReport, form: 'text' | 'json'): string {
  if (form === 'json') return `${JSON.stringify({ level: 'info', ...report })}\n`;
  const { time, method, path, status, duration, correlationId, clientId, code } = report;
  const words = [
    time.slice(11, 19),
    method,
    path,
    status === 0 ? 'dropped' : String(status),
    `${duration} ms`,
    ...(code === undefined ? [] : [code]),
    ...(clientId === undefined ? [] : [`client ${clientId}`]),
    ...(correlationId === undefined ? [] : [`correlation ${correlationId}`]),
  ];
  return `${words.join(' ')}\n`;
}

/** What went wrong inside. */
export function errorLine(message: string, form: 'text' | 'json', time: number): string {
  return form === 'text'
    ? `${message}\n`
    : `${JSON.stringify({ level: 'error', time: new Date(time).toISOString(), message })}\n`;
}
