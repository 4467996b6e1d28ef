import { expect, test } from 'vitest';
import { keyFiles, password } from '../support/credentials.ts';
import { certgrant } from '../support/run.ts';

const files = keyFiles();
const identity = ['--tenant', 'contoso.com', '--client-id', '6731de76-14a6-49ae-97bc-6eba6914391e'];
const pemOnly = ['curl', 'c', 'python', 'node', 'go', 'csharp', 'java'];
const programs = [...pemOnly, 'powershell', 'terraform'];

function exported(format: string, ...args: readonly string[]): ReturnType<typeof certgrant> {
  return certgrant(['export', format, ...identity, ...args, '--out', '-'], {
    env: { AZURE_CLIENT_CERTIFICATE_PASSWORD: password },
  });
}

test.each(pemOnly)('export %s names the PEM files as they were given, and holds nothing of the key', async (format) => {
  const { code, stdout, stderr } = await exported(format, '--cert', files.cer, '--key', files.key);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(files.cer);
  expect(stdout).toContain(files.key);
  expect(stdout).not.toContain(files.keyText);
  expect(stdout).not.toContain(password);
});

test.each(['powershell', 'terraform'])(
  'export %s names the PFX file, and neither its key nor its password',
  async (format) => {
    const { code, stdout } = await exported(format, '--cert', files.pfx);
    expect(code).toBe(0);
    expect(stdout).toContain(files.pfx);
    expect(stdout).not.toContain(files.keyText);
    expect(stdout).not.toContain(password);
  },
);

test.each(programs)('export %s leaves a name to fill in where no file is given', async (format) => {
  const { code, stdout, stderr } = await exported(format);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/my-daemon\.(pem|pfx)['"]/);
});

test.each(pemOnly)('export %s says how to make a PEM file of a PFX file', async (format) => {
  const { code, stdout, stderr } = await exported(format, '--cert', files.pfx);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('the exported program reads PEM, and this is PFX');
  expect(stderr).toContain('certgrant cert convert FILE --to pem');
});

test('export terraform says how to make a PFX file of a PEM file', async () => {
  const { code, stdout, stderr } = await exported('terraform', '--cert', files.pem);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('certgrant cert convert FILE --to pfx');
});

test('export powershell takes no key file beside a certificate that is not PEM', async () => {
  const { code, stderr } = await exported('powershell', '--cert', files.pfx, '--key', files.key);
  expect(code).toBe(2);
  expect(stderr).toContain('certgrant cert join');
});

test.each([...programs, 'github-actions'])('export %s has no place for a private key', async (format) => {
  const { code, stderr } = await exported(format, '--cert', files.pem, '--with-key');
  expect(code).toBe(2);
  expect(stderr).toContain(`--with-key: ${format} has no place for a private key`);
});
