/** Variables that replace or add to the trusted certificates of Node, OpenSSL, curl and Python; machines have them preset. */
const trustVariables = [
  'NODE_EXTRA_CA_CERTS',
  'NODE_OPTIONS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
  'PIP_CERT',
];

/** This process's environment without preset trust, without Azure settings and without a proxy. */
export function cleanEnvironment(added: Readonly<Record<string, string>> = {}): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    const isPreset = trustVariables.includes(name) || /^AZURE_|^MSAL_|_proxy$/i.test(name);
    if (value !== undefined && !isPreset) clean[name] = value;
  }
  return { ...clean, ...added };
}
