import type { ExportedFile, ExportFormat, ExportSettings } from '../format.ts';
import { apiTests, signingScript, tokenTests } from '../http/signing-script.ts';
import { formValue } from '../quoting/form.ts';
import { tokenRequestBody } from '../token-request-body.ts';

/** Two files: httpYac has scripts, so it signs; the REST Client of VS Code has none, so it takes a ready assertion. */
export const format: ExportFormat = { render };

function render(settings: ExportSettings): readonly ExportedFile[] {
  return [
    { path: 'sign-in.http', contents: signIn(settings), mode: 0o644 },
    { path: 'ready-assertion.http', contents: readyAssertion(settings), mode: 0o644 },
  ];
}

function variables({ tokenEndpoint, clientId, scope, apiUrl }: ExportSettings): string {
  return [
    `@tokenEndpoint = ${tokenEndpoint}`,
    `@clientId = ${clientId}`,
    '# As it stands in a form: what is neither a letter nor a digit nor one of :/.-_~ is written as %XX.',
    `@scope = ${formValue(scope)}`,
    `@apiUrl = ${apiUrl}`,
  ].join('\n');
}

function tokenRequest(clientAssertion: string): string {
  return `POST {{tokenEndpoint}}
Content-Type: application/x-www-form-urlencoded
Accept: application/json

${tokenRequestBody({ clientId: '{{clientId}}', scope: '{{scope}}', clientAssertion })}`;
}

function signIn(settings: ExportSettings): string {
  return `# An access token by certificate, for httpYac: httpyac send sign-in.http --all -o none
# Its usual output shows the assertion and the token; -o none does not.

${variables(settings)}

${signingScript(settings)}
# @name token
${tokenRequest('{{clientAssertion}}')}

${tokenTests}

###
GET {{apiUrl}}
Authorization: Bearer {{token.access_token}}
Accept: application/json

${apiTests}
`;
}

function readyAssertion(settings: ExportSettings): string {
  return `# An access token by certificate, for the REST Client of VS Code, which cannot sign. Put what certgrant assertion prints into
# a file .env beside this one, as CLIENT_ASSERTION=…, and keep that file out of version control; it is good for ten minutes.

${variables(settings)}

# @name token
${tokenRequest('{{$dotenv CLIENT_ASSERTION}}')}

###
GET {{apiUrl}}
Authorization: Bearer {{token.response.body.access_token}}
Accept: application/json
`;
}
