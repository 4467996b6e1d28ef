import { randomUUID } from 'node:crypto';
import { type Refusal, withClaims } from './refusal.ts';
import { assertionOf, seconds, send } from './scene.ts';

/** Assertions that name somebody else, are made out to somebody else, or come at the wrong time. */

const nobody = '11111111-2222-4333-8444-555555555555';

export const assertionClaims: readonly Refusal[] = [
  {
    name: 'iss and sub that differ',
    request: withClaims({ sub: nobody }),
    code: 50048,
    cause: 'subject-is-not-the-issuer',
  },
  {
    name: 'iss of somebody else, as in workload identity federation',
    request: withClaims({ iss: 'https://token.actions.example', sub: 'repo:contoso/app' }),
    code: 700211,
    cause: 'federated-issuer-mismatch',
  },
  {
    name: 'the name of the application in place of its id',
    proven: true,
    request: withClaims({ iss: 'my-daemon', sub: 'my-daemon' }),
    code: 700211,
    cause: 'assertion-issuer-is-not-the-client-id',
  },
  {
    name: 'iss and sub of another application',
    request: withClaims({ iss: nobody, sub: nobody }),
    code: 700021,
    cause: 'issuer-is-not-the-client-id',
  },
  {
    name: 'the audience of another tenant',
    proven: true,
    request: (scene) => withClaims({ aud: `${scene.authority.url}/${randomUUID()}/oauth2/v2.0/token` })(scene),
    code: 700023,
    cause: 'audience-of-another-tenant',
  },
  {
    name: 'the audience /common',
    proven: true,
    request: (scene) => withClaims({ aud: `${scene.authority.url}/common/oauth2/v2.0/token` })(scene),
    code: 700023,
    cause: 'audience-of-common',
  },
  {
    name: 'the audience of another cloud',
    proven: true,
    request: ({ granted, ...scene }) =>
      withClaims({ aud: `https://login.microsoftonline.us${granted.path}` })({ granted, ...scene }),
    code: 700023,
    cause: 'audience-of-another-cloud',
  },
  {
    name: 'an audience whose host only begins like the right one',
    proven: true,
    request: (scene) =>
      withClaims({
        aud: `${scene.authority.url.replace('localhost', 'localhost.contoso.example')}${scene.granted.path}`,
      })(scene),
    code: 700023,
    cause: 'audience-of-another-cloud',
  },
  {
    name: 'the API as audience',
    proven: true,
    request: withClaims({ aud: 'https://graph.microsoft.com' }),
    code: 700023,
    cause: 'audience-is-the-resource',
  },
  {
    // What the clock of the sender says is not in the answer.
    name: 'an expired assertion',
    request: withClaims({ exp: seconds() - 302, nbf: seconds() - 900 }),
    code: 700024,
    cause: 'clock-behind',
  },
  {
    name: 'an assertion that was kept for days',
    request: withClaims({ exp: seconds() - 200_000, nbf: seconds() - 200_600 }),
    code: 700024,
    cause: 'assertion-reused',
  },
  {
    name: 'an assertion that is not valid yet',
    request: withClaims({ nbf: seconds() + 430, exp: seconds() + 1030 }),
    code: 700024,
    cause: 'clock-ahead',
  },
  {
    name: 'an assertion in local time',
    request: withClaims({ nbf: seconds() + 7200, exp: seconds() + 7800 }),
    code: 700024,
    cause: 'local-time-as-utc',
  },
  {
    name: 'an assertion that expires before it begins',
    proven: true,
    request: withClaims({ nbf: seconds() + 200, exp: seconds() + 100 }),
    code: 700024,
    cause: 'times-in-the-wrong-order',
  },
  {
    name: 'times in milliseconds',
    proven: true,
    request: withClaims({ exp: Date.now() + 600_000 }),
    code: 700024,
    cause: 'time-in-milliseconds',
  },
  {
    name: 'an expired assertion without nbf',
    request: withClaims({ nbf: undefined, iat: undefined, exp: seconds() - 302 }),
    code: 700024,
    cause: 'clock-behind',
  },
  {
    name: 'strict: an assertion that is good for an hour',
    proven: true,
    request: withClaims({ exp: seconds() + 3600 }),
    code: 700024,
    cause: 'lifetime-too-long-for-strict-mode',
    strict: true,
    decoded: 'nothing',
  },
  {
    name: 'strict: the token endpoint as audience',
    proven: true,
    request: (scene) => withClaims({ aud: scene.authority.url + scene.granted.path })(scene),
    code: 700023,
    cause: 'audience-is-not-the-issuer',
    strict: true,
    decoded: 'nothing',
  },
  {
    name: 'strict: an assertion that was used before',
    proven: true,
    request: async (scene) => {
      const used = { ...scene.granted, assertion: assertionOf(scene.granted) };
      await send(scene, used, used.assertion);
      return used;
    },
    code: 50012,
    cause: 'assertion-used-before',
    strict: true,
    decoded: 'nothing',
  },
];
