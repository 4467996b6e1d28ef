import { beforeAll, describe, expect, it } from 'vitest';
import { type TestAuthority, testAuthority } from '../support/authority.ts';
import { type Identity, identity } from '../support/identity.ts';
import { type Answer, type Draft, draft, send, tokenParts } from '../support/token-request.ts';

let authority: TestAuthority;
let daemon: Identity;
let byCertificate: Draft;
let bySecret: Draft;
let secret: string;

beforeAll(async () => {
  authority = await testAuthority();
  daemon = await identity();
  const registered = await authority.register({
    certificate: daemon.certificate,
    secret: true,
    secrets: ['a b+c%~é:x'],
  });
  secret = registered.secret ?? '';
  byCertificate = await draft(authority.tenantId, registered.appId, daemon);
  bySecret = withSecret(byCertificate, secret);
});

function withSecret(wanted: Draft, client_secret: string | undefined): Draft {
  const form = { ...wanted.form, client_assertion: undefined, client_assertion_type: undefined, client_secret };
  return { ...wanted, form };
}

/** With `client_secret_basic`: id and secret, joined as they are given. */
function sendBasic(wanted: Draft, pair: string): Promise<Answer> {
  const headers = {
    'Content-Type': 'application/x-www-form-urlencoded',
    Authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
  };
  return send(authority, withSecret(wanted, undefined), { headers });
}

const encoded = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+');

describe('a client secret', () => {
  it('in the form gets a token that says so, and a certificate one that says that', async () => {
    const answers = await Promise.all([send(authority, bySecret), send(authority, byCertificate)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers.map((answer) => tokenParts(answer).claims.appidacr)).toEqual(['1', '2']);
  });

  it('is told apart from a certificate in azpacr of version 2 too', async () => {
    await authority.register({ identifierUris: ['api://orders'], requestedAccessTokenVersion: 2 });
    const answers = [bySecret, byCertificate].map((wanted) =>
      send(authority, { ...wanted, form: { ...wanted.form, scope: 'api://orders/.default' } }),
    );
    const claims = (await Promise.all(answers)).map((answer) => tokenParts(answer).claims);
    expect(claims.map(({ ver, azpacr, appidacr }) => [ver, azpacr, appidacr])).toEqual([
      ['2.0', '1', undefined],
      ['2.0', '2', undefined],
    ]);
  });

  it('in the Authorization header gets one too, with or without client_id in the form', async () => {
    const clientId = String(bySecret.form.client_id);
    for (const client_id of [undefined, clientId, clientId.toUpperCase()]) {
      const wanted = { ...bySecret, form: { ...bySecret.form, client_id } };
      const answer = await sendBasic(wanted, `${clientId}:${secret}`);
      expect([client_id, answer.status]).toEqual([client_id, 200]);
      expect(tokenParts(answer).claims).toMatchObject({ appid: clientId, appidacr: '1' });
    }
  });

  it('may hold any character, form-encoded in the header as RFC 6749 has it', async () => {
    const text = 'a b+c%~é:x';
    expect(await send(authority, withSecret(byCertificate, text))).toMatchObject({ status: 200 });
    const clientId = String(bySecret.form.client_id);
    expect(await sendBasic(bySecret, `${clientId}:${encoded(text)}`)).toMatchObject({ status: 200 });
  });

  it.each(['v2.0/token', 'token'])('works at oauth2/%s', async (endpoint) => {
    const path = `/${authority.tenantId}/oauth2/${endpoint}`;
    expect(await send(authority, { ...bySecret, path })).toMatchObject({ status: 200 });
  });
});

describe('the token endpoint refuses', () => {
  it.each([
    ['a secret that is wrong', () => `${secret.slice(0, -1)}#`],
    ['a secret of another application', () => 'other'],
  ])('%s with AADSTS7000215', async (_, text) => {
    await authority.register({ secret: 'other' });
    const answer = await send(authority, withSecret(byCertificate, text()));
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client', error_codes: [7000215] } });
    expect(answer.body.error_description).toContain(`'${String(byCertificate.form.client_id)}'`);
    expect(JSON.stringify(answer.body)).not.toContain(text());
  });

  it('the id of a secret, which is not its value, with AADSTS7000215', async () => {
    const { directory } = authority.services;
    const application = await directory.applicationByAppId(authority.tenantId, String(bySecret.form.client_id));
    const [credential] = application?.passwordCredentials ?? [];
    const answer = await send(authority, withSecret(byCertificate, credential?.keyId));
    expect(answer.body.error_codes).toEqual([7000215]);
  });

  it('an expired secret with AADSTS7000222, unless the same one is registered again', async () => {
    const old = { secretText: 'old', startDateTime: '2020-01-01', endDateTime: '2022-01-01T00:00:00Z' };
    const { appId } = await authority.register({ secrets: [old] });
    const wanted = withSecret(await draft(authority.tenantId, appId, daemon), 'old');
    const answer = await send(authority, wanted);
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client', error_codes: [7000222] } });
    expect(answer.body.error_description).toContain(`The provided client secret keys for app '${appId}' are expired`);
    const { appId: renewed } = await authority.register({ secrets: [old, 'old'] });
    const again = { ...wanted, form: { ...wanted.form, client_id: renewed } };
    expect(await send(authority, again)).toMatchObject({ status: 200 });
  });

  it('a secret that is not valid yet with AADSTS7000215', async () => {
    const { appId } = await authority.register({ secrets: [{ secretText: 'new', startDateTime: '2999-01-01' }] });
    const answer = await send(authority, withSecret(await draft(authority.tenantId, appId, daemon), 'new'));
    expect(answer.body.error_codes).toEqual([7000215]);
  });

  it('an application in the header that is not the one in the form with AADSTS90023', async () => {
    const answer = await sendBasic(bySecret, `${crypto.randomUUID()}:${secret}`);
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request', error_codes: [90023] } });
  });

  it.each([
    ['no colon in it', 'abc'],
    ['no id in it', ':abc'],
    ['no secret in it', 'abc:'],
    ['nothing in it', ''],
  ])('an Authorization header with %s as if there were none', async (_, pair) => {
    expect((await sendBasic(bySecret, pair)).body.error_codes).toEqual([7000218]);
  });

  it('a wrong secret in the header in words that do not repeat it', async () => {
    const answer = await sendBasic(bySecret, `${String(bySecret.form.client_id)}:%zz-wrong`);
    expect(answer).toMatchObject({ status: 401, body: { error_codes: [7000215] } });
    expect(JSON.stringify(answer.body)).not.toContain('zz-wrong');
  });
});
