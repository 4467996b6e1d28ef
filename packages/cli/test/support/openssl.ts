import { spawnSync } from 'node:child_process';

/** Runs the real openssl and returns what it prints; fails when openssl does. */
export function openssl(args: readonly string[], input?: string | Uint8Array): string {
  const { status, stdout, stderr, error } = spawnSync('openssl', args, { input, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`);
  return stdout;
}

/** A fingerprint as openssl prints it, without its label and colons. */
export function fingerprint(file: string, algorithm: 'sha1' | 'sha256', form: 'DER' | 'PEM' = 'PEM'): string {
  const printed = openssl(['x509', '-in', file, '-inform', form, '-noout', '-fingerprint', `-${algorithm}`]);
  return printed
    .slice(printed.indexOf('=') + 1)
    .replaceAll(':', '')
    .trim();
}
