import { clouds } from '@certgrant/core';
import type { ExportedFile, ExportFormat, ExportSettings } from '../format.ts';
import { yamlString } from '../quoting/double-quoted.ts';

/** A workflow of GitHub Actions that signs in with a certificate. */
export const format: ExportFormat = { render };

function render(settings: ExportSettings): readonly ExportedFile[] {
  return [{ path: 'sign-in.yml', contents: workflow(settings), mode: 0o644 }];
}

/** How the Azure CLI calls the clouds that it knows, and azure/login in lower case. */
const environments = new Map([
  [clouds.public.authority, 'AzureCloud'],
  [clouds.usgov.authority, 'AzureUSGovernment'],
  [clouds.china.authority, 'AzureChinaCloud'],
]);

/** As a value in a workflow, where GitHub replaces an expression before anything else reads it. */
function value(text: string): string {
  return yamlString(text.replaceAll('${{', `\${{ '\${{' }}`));
}

function workflow(settings: ExportSettings): string {
  const cloud = environments.get(settings.authority);
  return String.raw`# Signs in to Azure with a certificate, and gets an access token.
#
# Put it into .github/workflows. The secret AZURE_CLIENT_CERTIFICATE holds the PEM file, with the private key (without
# a password: the Azure CLI takes none) and the certificate:
#
#   gh secret set AZURE_CLIENT_CERTIFICATE < my-daemon.pem
#
# azure/login takes no certificate: a client secret, or OpenID Connect, whose settings stand at the end. So the Azure
# CLI signs in by itself, as azure/login would have it do; what comes after works as after azure/login.
name: Sign in with a certificate
on: workflow_dispatch

permissions:
  contents: read

jobs:
  sign-in:
    runs-on: ubuntu-latest
    env:
      # As variables, so that no shell takes a part of them for its own.
      AZURE_TENANT_ID: ${value(settings.tenant)}
      AZURE_CLIENT_ID: ${value(settings.clientId)}
      SCOPE: ${value(settings.scope)}
      # The Azure CLI prints nothing into the log that it is not told to.
      AZURE_CORE_OUTPUT: none
    steps:
      - name: Sign in
        env:
          AZURE_CLIENT_CERTIFICATE: ${'$'}{{ secrets.AZURE_CLIENT_CERTIFICATE }}
        run: |
          umask 077
          certificate="$RUNNER_TEMP/certificate.pem"
          trap 'rm -f "$certificate"' EXIT
          printf '%s\n' "$AZURE_CLIENT_CERTIFICATE" >"$certificate"
${
  cloud === undefined
    ? '          # The authority that this was exported for is none of the clouds that the Azure CLI knows: az cloud register.'
    : `          az cloud set --name ${cloud}`
}
          az login --service-principal --username "$AZURE_CLIENT_ID" --tenant "$AZURE_TENANT_ID" \
            --certificate "$certificate" --allow-no-subscriptions

      - name: Get an access token
        run: |
          token=$(az account get-access-token --scope "$SCOPE" --query accessToken --output tsv)
          # Masked in every log from here on.
          echo "::add-mask::$token"
          # For example: curl -H "Authorization: Bearer $token" https://graph.microsoft.com/v1.0/users

      - name: Sign out
        if: always()
        run: az logout || true

# With azure/login and OpenID Connect instead, no key has to be kept anywhere. The application then needs a federated
# credential for this repository, the job permissions: { id-token: write }, and in place of "Sign in":
#
#      - uses: azure/login@v2
#        with:
#          client-id: ${'$'}{{ env.AZURE_CLIENT_ID }}
#          tenant-id: ${'$'}{{ env.AZURE_TENANT_ID }}
#          environment: ${(cloud ?? 'AzureCloud').toLowerCase()}
#          allow-no-subscriptions: true
`;
}
