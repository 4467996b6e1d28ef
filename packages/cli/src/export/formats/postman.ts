import type { ExportedFile, ExportFormat, ExportSettings } from '../format.ts';
import { collection } from '../postman/collection.ts';
import { environment } from '../postman/environment.ts';

/** A Postman collection (v2.1.0) and the environment with its values. */
export const format: ExportFormat = { render };

function render(settings: ExportSettings): readonly ExportedFile[] {
  return [
    { path: 'certgrant.postman_collection.json', contents: json(collection()), mode: 0o644 },
    {
      path: 'certgrant.postman_environment.json',
      contents: json(environment(settings)),
      mode: settings.privateKeyPem === undefined ? 0o644 : 0o600,
    },
  ];
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
