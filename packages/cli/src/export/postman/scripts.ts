import { rsaSigner } from './rsa-signer.ts';

/** The scripts of the collection. They read names and values from variables only, so nothing is quoted into them. */

/** Shared by the pre-request scripts: where values come from, and how a run is stopped. */
const common = `/** The value of a variable. Each scope is asked: an empty value in one hides the same name in the others. */
function valueOf(name) {
  const scopes = [pm.variables, pm.environment, pm.collectionVariables, pm.globals];
  const found = scopes.map((scope) => scope.get(name)).find((value) => value !== undefined && value !== null && value !== '');
  return found === undefined ? '' : String(found);
}

function required(name, meaning) {
  const value = valueOf(name);
  if (value === '') throw new Error(name + ' is empty: ' + meaning);
  return value;
}

/** A failing test is what every engine reports and ends with code 1; the request is not sent, and none after it. */
function stop(reason) {
  pm.variables.unset('client_assertion');
  pm.test('certgrant: ' + reason, () => {
    throw new Error(reason);
  });
  pm.execution.setNextRequest(null);
  pm.execution.skipRequest();
}
`;

export const signingScript = `// Signs the client assertion (RFC 7523) for the token request below. Nothing leaves this machine but the request.
// Variables: token_endpoint, client_id, scope, alg, certificate_pem, private_key_pem (or a secret of that name in the vault).

${common}
${rsaSigner}
// ---- The assertion.

async function privateKey() {
  const text = valueOf('private_key_pem') || (await fromVault());
  if (text === '') {
    throw new Error('private_key_pem is empty: put the PEM of the private key into the vault or into this variable');
  }
  try {
    return readPrivateKey(text);
  } catch (thrown) {
    throw new Error('private_key_pem: ' + thrown.message);
  }
}

/** Postman asks once whether this script may read it. Its command line and newman have no vault. */
async function fromVault() {
  try {
    return (pm.vault && (await pm.vault.get('private_key_pem'))) || '';
  } catch (thrown) {
    return '';
  }
}

function certificate() {
  try {
    return readPem(required('certificate_pem', 'paste the certificate that is registered with the application'), ['CERTIFICATE']).der;
  } catch (thrown) {
    throw new Error('certificate_pem: ' + thrown.message);
  }
}

async function clientAssertion() {
  const alg = valueOf('alg') || 'PS256';
  if (alg !== 'PS256' && alg !== 'RS256') throw new Error('alg: it is neither PS256 nor RS256');
  const audience = required('token_endpoint', 'https://login.microsoftonline.com/TENANT/oauth2/v2.0/token');
  required('scope', 'the API followed by /.default, encoded as in a form');
  const clientId = required('client_id', 'the "Application (client) ID" of the app registration');
  const certificateDer = certificate();
  const key = await privateKey();
  if (!certificateDer.includes(key.publicKey)) {
    throw new Error('private_key_pem: it does not belong to the certificate in certificate_pem');
  }
  const thumbprint =
    alg === 'PS256' ? { 'x5t#S256': base64url(sha256(certificateDer)) } : { x5t: base64url(sha1(certificateDer)) };
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    aud: audience,
    iss: clientId,
    sub: clientId,
    jti: pm.variables.replaceIn('{{$guid}}'),
    iat: now,
    nbf: now,
    exp: now + 600,
  };
  const part = (value) => base64url(utf8(JSON.stringify(value)));
  const input = part({ alg, typ: 'JWT', ...thumbprint }) + '.' + part(claims);
  try {
    return input + '.' + (await sign(key, alg, input));
  } catch (thrown) {
    throw new Error('private_key_pem: ' + thrown.message);
  }
}

// An open timer holds the request back until the promise has settled; newman 6 knows no await at the top.
const open = setTimeout(() => stop('signing took more than a minute'), 60000);
clientAssertion()
  .then((assertion) => {
    // Variables of this run only: no environment that is exported or synchronised gets them.
    pm.variables.set('client_assertion', assertion);
  })
  .catch((thrown) => stop(thrown.message))
  .then(() => clearTimeout(open));
`;

export const readyAssertionScript = `// Takes an assertion that was signed elsewhere: certgrant assertion --tenant … --client-id … --cert …
// Variables: token_endpoint, client_id, scope, ready_assertion.

${common}
try {
  const assertion = valueOf('ready_assertion').trim();
  if (assertion === '' && pm.variables.get('signed_in') === true) {
    // A run of the whole collection has its token from the first folder.
    pm.test.skip('certgrant: ready_assertion is empty, and this run has a token already', () => {});
    pm.execution.skipRequest();
  } else if (!/^[\\w-]+\\.[\\w-]+\\.[\\w-]+$/.test(assertion)) {
    stop('ready_assertion is no signed assertion: paste the output of certgrant assertion, which is good for ten minutes');
  } else {
    pm.variables.set('client_assertion', assertion);
  }
} catch (thrown) {
  stop(thrown.message);
}
`;

export const tokenTests = `// Keeps the token for the next request, or says in the words of Entra ID why there is none.

let answer = {};
try {
  answer = pm.response.json();
} catch (thrown) {
  answer = { error: 'HTTP ' + pm.response.code, error_description: 'the answer is not JSON' };
}
pm.variables.unset('client_assertion');

pm.test('The token endpoint grants a token', () => {
  if (pm.response.code === 200 && typeof answer.access_token === 'string') return;
  pm.expect.fail((answer.error || 'HTTP ' + pm.response.code) + ': ' + (answer.error_description || 'there is no token in the answer'));
});

if (typeof answer.access_token === 'string') {
  pm.variables.set('signed_in', true);
  // In the collection and not in the environment, which people export and share.
  pm.collectionVariables.set('access_token', answer.access_token);
  showToken(answer.access_token);
} else {
  pm.collectionVariables.set('access_token', '');
  pm.execution.setNextRequest(null);
}

/** The claims as a table in the tab Visualize. They are decoded, not verified: that is for the API. */
function showToken(token) {
  let claims;
  try {
    claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64').toString());
  } catch (thrown) {
    return; // A token need not be a JWT.
  }
  const times = ['exp', 'iat', 'nbf'];
  const rows = Object.entries(claims).map(([name, value]) => ({
    name,
    value: typeof value === 'string' ? value : JSON.stringify(value),
    words: times.includes(name) ? new Date(value * 1000).toISOString() : '',
  }));
  pm.visualizer.set(
    '<style>table{border-collapse:collapse;font:14px sans-serif}td{border-bottom:1px solid #8884;padding:4px 12px 4px 0;vertical-align:top;word-break:break-all}</style>' +
      '<h3>The access token, decoded and not verified</h3><table>{{#each rows}}<tr><td><b>{{name}}</b></td><td>{{value}}</td><td>{{words}}</td></tr>{{/each}}</table>',
    { rows },
  );
}
`;

export const apiScript = `// Never calls without a token.

${common}
if (valueOf('access_token') === '') {
  stop('access_token is empty: send "Get a token" first');
}
`;

export const apiTests = `pm.test('The API takes the token', () => {
  if (pm.response.code < 400) return;
  let problem = {};
  try {
    problem = pm.response.json().error || {};
  } catch (thrown) {
    // Then the status says all there is.
  }
  pm.expect.fail('HTTP ' + pm.response.code + ' ' + (problem.code || '') + ': ' + (problem.message || 'the API gives no reason'));
});
`;
