import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** OpenSSL in a folder of its own: the judge of what certgrant writes, and the maker of what it reads. */
export class OpenSsl {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'certgrant-certificate-'));

  run(...args: readonly string[]): string {
    return execFileSync('openssl', args, { cwd: this.folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  write(name: string, contents: string | Uint8Array): void {
    writeFileSync(join(this.folder, name), contents);
  }

  /** Writes a certificate as PEM, which every command of OpenSSL reads. */
  writeCertificate(name: string, { der }: { readonly der: Uint8Array }): void {
    const base64 = Buffer.from(der).toString('base64').replaceAll(/.{64}/g, '$&\n');
    this.write(name, `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`);
  }

  read(name: string): Uint8Array {
    return readFileSync(join(this.folder, name));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** `openssl x509` that prints names as RFC 4514 does, without turning UTF-8 into escapes. */
export const printedName: readonly string[] = ['-nameopt', 'RFC2253,-esc_msb,utf8'];
