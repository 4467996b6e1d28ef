/** Addresses that several entries name. */

/** Microsoft's list of the codes. */
export const errorCodes: string = 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes';
/** What an assertion has to look like. */
export const certificateCredentials: string =
  'https://learn.microsoft.com/entra/identity-platform/certificate-credentials';
/** The flow itself. */
export const clientCredentials: string =
  'https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow';
/** Which host serves which cloud. */
export const nationalClouds: string =
  'https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud';
/** Trust in an assertion of another issuer. */
export const federatedCredentials: string =
  'https://learn.microsoft.com/entra/workload-id/workload-identity-federation';
export const conditionalAccess: string =
  'https://learn.microsoft.com/entra/identity/conditional-access/workload-identity';
/** The proof that Graph asks for when an application rolls its own keys. */
export const proofToken: string = 'https://learn.microsoft.com/graph/application-rollkey-prooftoken';
export const graphErrors: string = 'https://learn.microsoft.com/graph/errors';
export const graphPermissions: string = 'https://learn.microsoft.com/graph/permissions-reference';
export const oauthErrors: string = 'https://www.rfc-editor.org/rfc/rfc6749#section-5.2';
export const assertionFramework: string = 'https://www.rfc-editor.org/rfc/rfc7521#section-4.2.1';
export const jwtAssertions: string = 'https://www.rfc-editor.org/rfc/rfc7523#section-3';
export const resourceIndicators: string = 'https://www.rfc-editor.org/rfc/rfc8707#section-2';
export const mutualTls: string = 'https://www.rfc-editor.org/rfc/rfc8705';
/** Which of these codes Microsoft's own web library reloads the certificate after. */
export const identityWebReload: string = 'https://github.com/AzureAD/microsoft-identity-web/issues/2834';

/** A thread of a repository of AzureAD, Azure or Microsoft Graph on GitHub: `AzureAD/…/issues/124`. */
export function thread(path: string): string {
  return `https://github.com/${path}`;
}
