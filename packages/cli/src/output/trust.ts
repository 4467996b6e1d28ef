/** How each runtime is made to trust the authority's own CA: what to set or to run, by the runtime's name. */
export function trustInstructions(caFile: string): readonly (readonly [string, string])[] {
  const file = shellWord(caFile);
  return [
    ['certgrant', `--ca ${file}`],
    ['curl', `--cacert ${file}`],
    ['Node', `NODE_EXTRA_CA_CERTS=${file}`],
    ['Python', `REQUESTS_CA_BUNDLE=${file} (requests, MSAL, azure-identity), SSL_CERT_FILE=${file} (ssl, httpx)`],
    ['Go', `SSL_CERT_FILE=${file} (on Linux; elsewhere add it to the system's store)`],
    ['.NET', `SSL_CERT_FILE=${file} (on Linux; elsewhere add it to the system's store)`],
    [
      'Java',
      `keytool -importcert -noprompt -alias certgrant -file ${file} -keystore certgrant-ca.p12 -storepass changeit, then java -Djavax.net.ssl.trustStore=certgrant-ca.p12 -Djavax.net.ssl.trustStorePassword=changeit`,
    ],
  ];
}

/** A word as POSIX shells read it back unchanged. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
