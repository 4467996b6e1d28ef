import { clouds } from '@certgrant/core';
import type { ExportedFile, ExportFormat, ExportSettings } from '../format.ts';
import { pfxFile } from '../key-files.ts';
import { hclString } from '../quoting/double-quoted.ts';

/** The settings of Terraform's azuread provider. */
export const format: ExportFormat = { render };

function render(settings: ExportSettings): readonly ExportedFile[] {
  return [{ path: 'provider.tf', contents: configuration(settings), mode: 0o644 }];
}

/** How the provider calls the clouds that it knows. */
const environments = new Map([
  [clouds.public.authority, 'global'],
  [clouds.usgov.authority, 'usgovernment'],
  [clouds.china.authority, 'china'],
]);

function configuration(settings: ExportSettings): string {
  const environment = environments.get(settings.authority);
  return `# The azuread provider, as an application that proves who it is with a certificate.
#
#   export ARM_CLIENT_CERTIFICATE_PASSWORD    # the password of the PFX file, which does not belong in this one
#   terraform init && terraform plan
#
# The provider signs the client assertion and asks for tokens for Microsoft Graph by itself, so no scope stands here.
# azurerm takes the same settings, and a subscription_id.

terraform {
  required_providers {
    azuread = {
      source  = "hashicorp/azuread"
      version = ">= 2.0"
    }
  }
}

provider "azuread" {
  tenant_id = ${hclString(settings.tenant)}
  client_id = ${hclString(settings.clientId)}

  # PFX (PKCS#12) alone: certgrant cert convert FILE --to pfx makes one from PEM.
  client_certificate_path = ${hclString(pfxFile(settings))}

${
  environment === undefined
    ? `  # The authority that this was exported for is none of the clouds that the provider knows. It finds another one only by
  # metadata_host, the name of a host that describes that cloud.`
    : `  environment = ${hclString(environment)}`
}

  # Nobody signs in with what happens to be there instead.
  use_cli = false
  use_msi = false
}
`;
}
