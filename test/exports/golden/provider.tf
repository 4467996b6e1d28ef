# The azuread provider, as an application that proves who it is with a certificate.
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
  tenant_id = "contoso.com"
  client_id = "6731de76-14a6-49ae-97bc-6eba6914391e"

  # PFX (PKCS#12) alone: certgrant cert convert FILE --to pfx makes one from PEM.
  client_certificate_path = "/folder/daemon.pfx"

  environment = "global"

  # Nobody signs in with what happens to be there instead.
  use_cli = false
  use_msi = false
}
