import type { ExportedFile, ExportFormat, ExportSettings } from '../format.ts';

/** A Postman collection and the environment with its values. */
export const format: ExportFormat = { render };

function render(settings: ExportSettings): readonly ExportedFile[] {
  const values = Object.entries({ tenant: settings.tenant, client_id: settings.clientId, scope: settings.scope });
  const environment = {
    name: 'certgrant',
    values: values.map(([key, value]) => ({ key, value, type: 'default', enabled: true })),
    _postman_variable_scope: 'environment',
  };
  return [{ path: 'environment.json', contents: `${JSON.stringify(environment, undefined, 2)}\n`, mode: 0o644 }];
}
