import type { Refusal } from './token-refused-error.ts';

/** The next step after the refusals that are met most, by their AADSTS number. */
const byNumber: Readonly<Record<number, string>> = {
  700016: 'Check the client id and the tenant: the application must be registered, or consented to, in this tenant',
  700021: 'Check the client id: the assertion and the request must name the same application',
  700023: 'Leave the audience as it is by default, and check that tenant and cloud are the right ones',
  700024: "Set this machine's clock right, then try again",
  700025: 'Register the application as a confidential client: a public one may not use a certificate',
  700027:
    'Compare the thumbprint that certgrant cert inspect shows with the certificates of the application, upload this one if it is missing or has expired, and check client id and tenant',
  7000112: 'Have the application enabled in the tenant again',
  7000213: 'Have the application trust the issuing CA and its subject name, or upload the certificate itself',
  7000214: 'Use another certificate: this one was revoked',
  7000218: 'Check that a certificate is configured: the request carried no proof of identity',
  7000222: 'Make a new credential for the application: this one has expired',
  1000502: 'Use a certificate that is within its period of validity',
  1002012: 'Ask for a scope of the form https://resource/.default',
  70011: 'Ask for a scope of the form https://resource/.default',
  500011: 'Check the resource in the scope: its application must exist in this tenant',
  501051: 'Have an administrator assign the application to a role of that resource',
  50012: 'Compare the certificate with those of the application, and check the clock and the audience',
  50048: 'Check the client id: subject and issuer of the assertion must be the same',
  50059: "Give the tenant's id or one of its domain names",
  5002730: 'Use a certificate with an RSA key: Microsoft Entra ID takes no other',
  53003: 'Have an administrator look up which Conditional Access policy blocks this workload',
  90002: 'Check the tenant, and that the cloud is the one it lives in',
  900023: 'Check the spelling of the tenant: its id or one of its domain names',
  900382: 'Use the cloud that the application is registered in',
};

/** The next step by the OAuth error (RFC 6749 §5.2), for servers that say no more. */
const byError: Readonly<Record<string, string>> = {
  invalid_client:
    'Check that the certificate is registered for this client id, and which audience, key id, algorithm and lifetime the server asks of an assertion',
  invalid_scope: 'Ask for a scope that this client may have',
  invalid_target: 'Ask for a resource that this server knows',
  invalid_resource: 'Check the resource: its application must exist in this tenant',
  unauthorized_client: 'Have the client allowed to use the client credentials grant',
  unsupported_grant_type: 'Have the client credentials grant enabled at the server',
  invalid_request: 'Check the settings of the request: the server finds it malformed',
  temporarily_unavailable: 'Try again later',
  server_error: 'Try again later',
};

/** 700027 stands for several mistakes, which its reason tells apart. */
const keyReasons: readonly { readonly reason: RegExp; readonly fix: string }[] = [
  {
    reason: /unsupported asymmetric signing algorithm/i,
    fix: 'Use a certificate with an RSA key: Microsoft Entra ID takes no other',
  },
  {
    reason: /key used is expired/i,
    fix: 'Look at the dates with certgrant cert inspect: upload a certificate that is valid now, and check the clock of the machine that made it',
  },
  {
    reason: /signature value did not match|verify the signature failed/i,
    fix: 'Check with certgrant cert inspect that the private key belongs to the certificate; with a chain in the header, that the certificate itself comes first',
  },
];

/** What to do about a refusal. */
export function refusalFix({ status, error, errorCodes, retryAfter, description }: Refusal): string {
  const reason = errorCodes.includes(700027)
    ? keyReasons.find((each) => each.reason.test(description ?? ''))
    : undefined;
  if (reason !== undefined) return reason.fix;
  // The innermost number says most, so it is looked up first.
  const known = errorCodes.findLast((code) => code in byNumber);
  if (known !== undefined && byNumber[known] !== undefined) return byNumber[known];
  if (status === 429 || status === 503) {
    return retryAfter === undefined ? 'Try again later' : `Try again in ${Math.ceil(retryAfter / 1000)} s`;
  }
  const fix = error === undefined ? undefined : byError[error];
  if (fix !== undefined) return fix;
  if (status >= 500)
    return 'Try again later; if it stays so, look into the log of the server or of the proxy before it';
  if (error !== undefined) return "Look the error up in the server's documentation";
  return "Check the URL, and whether a firewall, a proxy or a gateway answers in the server's place";
}
