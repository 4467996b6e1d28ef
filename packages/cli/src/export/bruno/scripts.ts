/** The scripts of the Bruno collection: they run in the default, safe mode. Values come from variables only. */

/** Bruno fills in the placeholders of JSON and of tables, and not those of a form that is given as text. */
const fillBody = `req.setBody(bru.interpolate(req.getBody()));
`;

export const signingScript = `// Signs the client assertion (RFC 7523) in Bruno's safe mode. The private key comes from PRIVATE_KEY_PEM: in the file .env
// of this folder, or in the environment that Bruno was started from.
const jwt = require('jsonwebtoken');

const fail = (reason) => {
  bru.setVar('client_assertion', '');
  bru.setVar('access_token', '');
  bru.runner.stopExecution();
  // An error here is what Bruno reports; the request is not sent.
  throw new Error('certgrant: ' + reason);
};
const setting = (name) => bru.getEnvVar(name) || fail(name + ' is empty in the environment');

const alg = setting('alg');
const certificate = setting('certificate_pem');
const key = (bru.getProcessEnv('PRIVATE_KEY_PEM') || '').replace(/\\\\n/g, '\\n').trim();
if (key === '') fail('PRIVATE_KEY_PEM is empty: put the PEM of the private key into .env, or into the environment');
if (/ENCRYPTED/.test(key)) fail('PRIVATE_KEY_PEM is encrypted: certgrant cert convert KEY --to pem --out FILE writes it without a password');

const now = Math.floor(Date.now() / 1000);
const claims = {
  aud: setting('token_endpoint'),
  iss: setting('client_id'),
  sub: setting('client_id'),
  jti: bru.interpolate('{{$guid}}'),
  iat: now,
  nbf: now,
  exp: now + 600,
};
const header = alg === 'PS256' ? { 'x5t#S256': setting('x5t_s256') } : { x5t: setting('x5t') };

let assertion = '';
try {
  assertion = jwt.sign(claims, key, { algorithm: alg, header });
} catch (thrown) {
  // The library's reason speaks of its own options; none holds the key, and none is repeated.
}
if (assertion === '') fail('PRIVATE_KEY_PEM is no RSA private key of 2048 bits or more in PEM (PKCS#8 or PKCS#1), or it is damaged');
let belongs = false;
try {
  belongs = jwt.verify(assertion, certificate, { algorithms: [alg] }).iss === claims.iss;
} catch (thrown) {
  // Told below.
}
if (!belongs) fail('PRIVATE_KEY_PEM does not belong to the certificate in certificate_pem');

// A variable of this run only.
bru.setVar('client_assertion', assertion);
${fillBody}`;

export const readyAssertionScript = `// For a key that must not be here: CLIENT_ASSERTION holds what certgrant assertion prints, in .env or in the environment.
const assertion = (bru.getProcessEnv('CLIENT_ASSERTION') || '').trim();
if (/^[\\w-]+\\.[\\w-]+\\.[\\w-]+$/.test(assertion)) {
  bru.setVar('client_assertion', assertion);
  ${fillBody.trimEnd()}
} else {
  bru.setVar('access_token', '');
  bru.runner.stopExecution();
  throw new Error('certgrant: CLIENT_ASSERTION is no signed assertion: put the output of certgrant assertion there');
}
`;

export const tokenTests = `const answer = res.getBody() || {};
bru.setVar('client_assertion', '');
bru.setVar('access_token', answer.access_token || '');
if (!answer.access_token) bru.runner.stopExecution();

test('the token endpoint grants a token', () => {
  if (res.getStatus() === 200 && answer.access_token) return;
  throw new Error((answer.error || 'HTTP ' + res.getStatus()) + ': ' + (answer.error_description || 'there is no token in the answer'));
});
`;

export const apiScript = `if (!bru.getVar('access_token')) {
  bru.runner.stopExecution();
  throw new Error('certgrant: access_token is empty: send "Get a token" first');
}
`;

export const apiTests = `test('the API takes the token', () => {
  const problem = (res.getBody() || {}).error || {};
  if (res.getStatus() < 400) return;
  throw new Error('HTTP ' + res.getStatus() + ' ' + (problem.code || '') + ': ' + (problem.message || 'the API gives no reason'));
});
`;
