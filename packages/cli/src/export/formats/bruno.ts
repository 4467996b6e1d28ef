import { apiScript, apiTests, readyAssertionScript, signingScript, tokenTests } from '../bruno/scripts.ts';
import type { ExportedFile, ExportFormat, ExportSettings } from '../format.ts';
import { bruBlock, bruValue } from '../quoting/bru.ts';
import { formValue } from '../quoting/form.ts';
import { tokenRequestBody } from '../token-request-body.ts';

/** A folder that Bruno opens as a collection, and that `bru run` runs. */
export const format: ExportFormat = { render };

const manifest = { version: '1', name: 'Access token by certificate', type: 'collection', ignore: ['.git'] };

function render(settings: ExportSettings): readonly ExportedFile[] {
  const { privateKeyPem } = settings;
  const files: ExportedFile[] = [
    file('bruno.json', `${JSON.stringify(manifest, undefined, 2)}\n`),
    file('environments/certgrant.bru', environment(settings)),
    file('With the private key/1 Get a token.bru', tokenRequest(signingScript)),
    file('With the private key/2 Call the API.bru', apiRequest()),
    file('With a ready assertion/1 Get a token.bru', tokenRequest(readyAssertionScript)),
    file('With a ready assertion/2 Call the API.bru', apiRequest()),
    file('.gitignore', '# The private key.\n.env\n'),
  ];
  if (privateKeyPem !== undefined) {
    files.push({ path: '.env', contents: `PRIVATE_KEY_PEM="${privateKeyPem.trimEnd()}"\n`, mode: 0o600 });
  }
  return files;
}

function file(path: string, contents: string): ExportedFile {
  return { path, contents, mode: 0o644 };
}

function environment({ certificate, ...settings }: ExportSettings): string {
  const values = {
    token_endpoint: settings.tokenEndpoint,
    client_id: settings.clientId,
    scope: formValue(settings.scope),
    api_url: settings.apiUrl,
    alg: settings.alg,
    x5t: certificate?.thumbprints.x5t ?? '',
    x5t_s256: certificate?.thumbprints['x5t#S256'] ?? '',
    certificate_pem: certificate?.pem ?? '',
  };
  const lines = Object.entries(values).map(([name, value]) => `  ${name}: ${bruValue(value)}`.trimEnd());
  return `vars {\n${lines.join('\n')}\n}\n`;
}

function tokenRequest(script: string): string {
  const body = tokenRequestBody({
    clientId: '{{client_id}}',
    scope: '{{scope}}',
    clientAssertion: '{{client_assertion}}',
  });
  return [
    bruBlock('meta', 'name: Get a token\ntype: http\nseq: 1'),
    bruBlock('post', 'url: {{token_endpoint}}\nbody: text\nauth: none'),
    bruBlock('headers', 'Content-Type: application/x-www-form-urlencoded\nAccept: application/json'),
    bruBlock('body:text', body),
    bruBlock('script:pre-request', script),
    bruBlock('tests', tokenTests),
  ].join('\n');
}

function apiRequest(): string {
  return [
    bruBlock('meta', 'name: Call the API\ntype: http\nseq: 2'),
    bruBlock('get', 'url: {{api_url}}\nbody: none\nauth: bearer'),
    bruBlock('headers', 'Accept: application/json'),
    bruBlock('auth:bearer', 'token: {{access_token}}'),
    bruBlock('script:pre-request', apiScript),
    bruBlock('tests', apiTests),
  ].join('\n');
}
