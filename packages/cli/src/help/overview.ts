import { paintFor, twoColumns, wrap } from '../output/text.ts';

/** Every command in the order in which a newcomer meets them, with its summary. A test holds this against the commands. */
export const summaries: Readonly<Record<string, string>> = {
  demo: 'the whole way from a certificate to an API, offline, narrated',
  'cert create': 'make a private key and a self-signed certificate',
  'cert inspect': 'say what a key file holds, every thumbprint, and what is wrong with it',
  'cert convert': 'write a key file in another form: PFX, PEM, CER, DER, JWK or JWK Set',
  'cert check': 'say whether certificates are due for renewal, also in the exit code',
  'cert request': 'make a certificate signing request for a CA, with a new or given key',
  'cert join': 'join a private key with the certificate that a CA issued for it',
  assertion: 'print a signed client assertion',
  token: 'print an access token',
  decode: 'show what is in a token, in words',
  verify: 'check the signature and the times of a token',
  explain: 'say what an error code, an answer or a log means, and what to do',
  doctor: 'check everything between a certificate and a token, and say what is wrong',
  export: 'write the same request for another tool or language',
  rotate: 'replace a certificate with no downtime, from any point where it was interrupted',
  'rotate status': 'show how the rotation of a key file stands, or the report of the last one',
  'rotate undo': 'take a rotation back, as long as the old certificate is registered',
  authority: 'run a local token authority that answers like Entra ID',
  'authority trust': 'say how each program trusts the CA of a local authority, or have the system do it',
  'app register': 'register an application with its certificate and permissions',
  'app keys list': 'show the keys of an application, and which one a file is',
  'app keys add': 'add a certificate to an application, by proof of possession',
  'app keys remove': 'remove a key from an application, by proof of possession',
  proof: 'print a proof of possession for addKey and removeKey of Microsoft Graph',
};

/** The help of `certgrant` itself, or of the commands that begin with the same words. */
export function overview(
  page: { readonly columns: number; readonly hasColours: boolean },
  group?: string | undefined,
): string {
  const { bold } = paintFor(page);
  const rows = Object.entries(summaries).filter(([name]) => group === undefined || name.startsWith(`${group} `));
  const list = `${bold('Commands')}\n${twoColumns(rows, page.columns)}`;
  const more = wrap(
    'certgrant help COMMAND (or certgrant COMMAND --help) shows the options, examples and exit codes of a command.',
    page.columns,
  );
  if (group !== undefined) return `${list}\n\n${more}\n`;
  const examples = [
    'certgrant demo',
    'certgrant cert create --subject CN=my-daemon',
    'certgrant token --tenant contoso.com --client-id ID --cert my-daemon.pem \\',
    '  --scope https://graph.microsoft.com/.default',
  ];
  return `${[
    `${bold('certgrant')}: from a certificate to an access token`,
    `${bold('Usage')}\n  certgrant COMMAND [OPTIONS]`,
    list,
    `${bold('Examples')}\n${examples.map((line) => `  ${line}`).join('\n')}`,
    more,
  ].join('\n\n')}\n`;
}
