import type { DoctorOptions } from './doctor/options.ts';
import type { DoctorReport } from './doctor/report.ts';

/**
 * Checks everything that stands between a certificate and an access token, one thing after the other: the key file, the
 * certificate, the clock and the environment; then names, connections, TLS, proxies and discovery; then a real token
 * request, its answer explained, and the permissions in the token.
 *
 * A check that depends on one that failed is skipped and says so. Each is bounded in time. The texts of the report are
 * safe to paste.
 *
 * @param options what is examined; the token is asked for with exactly that, and not kept
 * @returns every check with its result, in order; `ok` when none failed
 * @throws {CertgrantError} `CANCELLED` when the signal is aborted, and nothing else for what it finds
 * @example
 * const report = await runDoctor({
 *   settings: () => ({ tenant, clientId, target: { scope: 'https://graph.microsoft.com/.default' } }),
 *   key: { files: [{ name: 'my-daemon.pem', path, read: () => readInputFile(path) }] },
 * });
 * const first = report.checks.find(({ status }) => status === 'failed');
 */
export async function runDoctor(options: DoctorOptions): Promise<DoctorReport> {
  const { examine } = await import('./doctor/examine.ts');
  return examine(options);
}
