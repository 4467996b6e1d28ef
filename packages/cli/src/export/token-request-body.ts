/** The fields of the token request (RFC 7523 §2.2) as the text of a form, with the placeholders of a tool for its values. */
export function tokenRequestBody(placeholders: {
  readonly clientId: string;
  readonly scope: string;
  readonly clientAssertion: string;
}): string {
  return [
    `client_id=${placeholders.clientId}`,
    `scope=${placeholders.scope}`,
    'client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer',
    `client_assertion=${placeholders.clientAssertion}`,
    'grant_type=client_credentials',
  ].join('&');
}
