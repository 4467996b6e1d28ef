import type { ExportSettings } from '../format.ts';
import { formValue } from '../quoting/form.ts';

/** The values of the collection's variables. Postman masks those of type `secret`; it does not encrypt them. */
export function environment(settings: ExportSettings): object {
  const { tenant, clientId, scope, tokenEndpoint, apiUrl, alg, certificate, privateKeyPem } = settings;
  return {
    name: `Access token by certificate: ${tenant}`,
    values: [
      variable('token_endpoint', tokenEndpoint),
      variable('client_id', clientId),
      variable('scope', formValue(scope)),
      variable('api_url', apiUrl),
      variable('alg', alg),
      variable('certificate_pem', certificate?.pem ?? ''),
      variable('private_key_pem', privateKeyPem ?? '', 'secret'),
      variable('ready_assertion', '', 'secret'),
    ],
    _postman_variable_scope: 'environment',
  };
}

function variable(key: string, value: string, type: 'default' | 'secret' = 'default'): object {
  return { key, value, type, enabled: true };
}
