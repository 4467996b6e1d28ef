import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether there is such a program on the path; looking for it costs nothing, starting Java seconds. */
export function hasTool(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/** Runs another program and returns what it prints on both streams; fails when it does. */
export function tool(program: string, args: readonly string[], { cwd }: { readonly cwd: string }): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', input: '' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args[0]} failed: ${stdout}${stderr}`);
  return stdout + stderr;
}

/** An authority of openssl's making in a folder: `root.crt`, and below it `inter.crt` that issues certificates. */
export function makeAuthority(cwd: string): void {
  const openssl = (...args: readonly string[]): string => tool('openssl', args, { cwd });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
  const ca = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
  openssl('req', '-x509', ...key, '-keyout', 'root.key', '-out', 'root.crt', '-subj', '/CN=Root', '-days', '30', ...ca);
  openssl('req', '-new', ...key, '-keyout', 'inter.key', '-out', 'inter.csr', '-subj', '/CN=Inter', ...ca);
  sign(cwd, 'inter.csr', 'root', 'inter.crt');
}

/** Has an authority answer a request, granting all that it asks for. */
export function sign(cwd: string, request: string, issuer: string, certificate: string, days = 20): void {
  const by = ['-CA', `${issuer}.crt`, '-CAkey', `${issuer}.key`, '-CAcreateserial', '-copy_extensions', 'copyall'];
  tool('openssl', ['x509', '-req', '-in', request, ...by, '-days', `${days}`, '-out', certificate], { cwd });
}
