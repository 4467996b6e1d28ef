import {
  addKey,
  type Certificate,
  createSelfSignedCertificate,
  findKey,
  findKeyHolder,
  GraphClient,
  generateKeyPair,
  keyCredentialOf,
  listKeys,
  removeKey,
  replaceKeyCredentials,
  thumbprints,
  toBase64,
} from '@certgrant/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, GraphServer, impatientPlatform, type Received, refused } from './graph-server.ts';

/** The functions for an application's keys, against answers that the local authority does not give by itself. */

const objectId = '2f5b9c1e-6a43-4c0a-9b5e-0d7f3a1c8e24';
const appId = '6731de76-14a6-49ae-97bc-6eba6914391e';
const keyId = '0b1a3f4e-8e55-4d8c-9f2b-7c6d5e4f3a21';
const holder = { type: 'applications', objectId } as const;
const path = `/v1.0/applications/${objectId}`;
/** Opaque to the functions that send it. */
const proof = 'aaaa.bbbb.cccc';

const server = new GraphServer();
let certificate: Certificate;
beforeAll(async () => {
  await server.listen();
  certificate = await createSelfSignedCertificate({ keyPair: await generateKeyPair('P-256'), subject: 'CN=next' });
});
afterAll(() => server.close());

/** The keys as the server has them; a PATCH replaces them. */
let stored: Record<string, unknown>[];
function answer({ method, body }: Received): Answer {
  if (method === 'GET') return { status: 200, json: { keyCredentials: stored } };
  stored = (body?.keyCredentials ?? []) as typeof stored;
  return { status: 204 };
}
beforeEach(() => {
  server.received.length = 0;
  stored = [other()];
  server.answer = answer;
});

function other(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    customKeyIdentifier: 'QUJD',
    displayName: 'other',
    endDateTime: '2030-01-01T00:00:00Z',
    key: toBase64(new Uint8Array([0x30, 0x00])),
    keyId,
    startDateTime: '2026-01-01T00:00:00Z',
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    hint: 'a member that nobody knows yet',
    ...changes,
  };
}

function client(options: { deadline?: number } = {}): GraphClient & { waits: number[] } {
  const { platform, waits } = impatientPlatform();
  const made = new GraphClient({ graphUrl: server.url, accessToken: async () => 'token', platform, ...options });
  return Object.assign(made, { waits });
}

/** The first answers, then as ever. */
function first(...special: readonly Answer[]): void {
  const waiting = [...special];
  server.answer = (request) => waiting.shift() ?? answer(request);
}

const requests = (): string[] => server.received.map((each) => `${each.method} ${each.path}`);

describe('addKey', () => {
  it('sends the certificate and the proof, and returns the key with the thumbprint that Graph leaves out', async () => {
    server.answer = () => ({ status: 200, json: other({ key: null }) });
    const added = await addKey(client(), holder, { certificate, proof });
    expect(added).toMatchObject({ keyId, thumbprint: (await thumbprints(certificate)).sha1, der: certificate.der });
    expect(server.received).toMatchObject([
      {
        method: 'POST',
        path: `${path}/addKey`,
        body: {
          keyCredential: { type: 'AsymmetricX509Cert', usage: 'Verify', key: toBase64(certificate.der) },
          passwordCredential: null,
          proof,
        },
      },
    ]);
  });

  it('waits as long as a busy Graph asks', async () => {
    const busy = refused(429, 'TooManyRequests', 'Slow down', { 'retry-after': '7' });
    const waiting = [busy, { status: 200, json: other() }];
    server.answer = () => waiting.shift();
    const graph = client();
    expect(await addKey(graph, holder, { certificate, proof })).toMatchObject({ keyId });
    expect(graph.waits).toEqual([expect.toSatisfy((wait: number) => wait >= 7000 && wait < 7300)]);
  });

  it.each([500, 502, 504])('is not sent again after %s, since the key may be there', async (status) => {
    server.answer = () => refused(status, 'generalException', 'Oh');
    await expect(addKey(client(), holder, { certificate, proof })).rejects.toMatchObject({
      code: 'API_REFUSED',
      status,
    });
    expect(server.received).toHaveLength(1);
  });

  it('gives up in time when Graph says nothing', async () => {
    server.answer = () => undefined;
    const started = Date.now();
    await expect(
      addKey(client({ deadline: 20_000 }), holder, { certificate, proof, signal: AbortSignal.timeout(100) }),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
    const graph = new GraphClient({ graphUrl: server.url, accessToken: async () => 'token', deadline: 100 });
    await expect(addKey(graph, holder, { certificate, proof })).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(Date.now() - started).toBeLessThan(5000);
  });

  it('does not repeat the proof when Graph does', async () => {
    server.answer = () => refused(400, 'Request_BadRequest', `Bad proof ${proof} here`);
    const thrown = await addKey(client(), holder, { certificate, proof }).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ message: expect.stringContaining('Bad proof [proof] here') });
    expect(JSON.stringify(thrown)).not.toContain(proof);
  });

  it('says when the answer is no key', async () => {
    server.answer = () => ({ status: 200, json: {} });
    await expect(addKey(client(), holder, { certificate, proof })).rejects.toMatchObject({
      code: 'RESPONSE_UNEXPECTED',
    });
  });
});

describe('findKey', () => {
  it('takes the key that is the certificate, and none that only begins like it or came without one', async () => {
    const ders = [null, toBase64(certificate.der.subarray(0, 20)), toBase64(certificate.der)];
    stored = ders.map((key, index) => other({ key, displayName: String(index) }));
    const keys = await listKeys(client(), holder);
    expect(findKey(keys, certificate)?.displayName).toBe('2');
    expect(findKey(keys.slice(0, 2), certificate)).toBeUndefined();
  });
});

describe('removeKey', () => {
  it('sends the key id and the proof, to a service principal as well', async () => {
    server.answer = () => ({ status: 204 });
    await removeKey(client(), { type: 'servicePrincipals', objectId }, { keyId, proof });
    expect(server.received).toMatchObject([
      { method: 'POST', path: `/v1.0/servicePrincipals/${objectId}/removeKey`, body: { keyId, proof } },
    ]);
  });

  it('passes on what Graph says of a key that is not there', async () => {
    server.answer = () => refused(400, 'Request_BadRequest', 'No credential found.');
    await expect(removeKey(client(), holder, { keyId, proof })).rejects.toMatchObject({
      message: 'remove key: Graph answered 400 Request_BadRequest: No credential found (request-id the-request-id)',
    });
  });
});

describe('listKeys', () => {
  it('computes the thumbprint, whatever customKeyIdentifier says', async () => {
    stored = [
      other({ key: toBase64(certificate.der) }),
      other({ key: null, startDateTime: 'soon', displayName: null }),
    ];
    const [known, unknown] = await listKeys(client(), holder);
    expect(known).toMatchObject({
      keyId,
      displayName: 'other',
      thumbprint: (await thumbprints(certificate)).sha1,
      endDateTime: new Date('2030-01-01T00:00:00Z'),
    });
    expect(unknown).toMatchObject({ thumbprint: undefined, der: undefined, startDateTime: undefined });
    expect(unknown?.displayName).toBeUndefined();
    expect(requests()).toEqual([`GET ${path}?$select=keyCredentials`]);
  });

  it.each([{}, { keyCredentials: null }, { keyCredentials: [1] }, { keyCredentials: [{}] }])(
    'says that %j has no keys to read',
    async (json) => {
      server.answer = () => ({ status: 200, json });
      await expect(listKeys(client(), holder)).rejects.toMatchObject({ code: 'RESPONSE_UNEXPECTED' });
    },
  );

  it('asks nobody for an object id that is no GUID: it becomes part of an address', async () => {
    await expect(listKeys(client(), { type: 'applications', objectId: '../users' })).rejects.toMatchObject({
      code: 'USAGE',
    });
    await expect(findKeyHolder(client(), { type: 'applications', appId: "x')" })).rejects.toMatchObject({
      code: 'USAGE',
    });
    expect(server.received).toEqual([]);
  });

  it('findKeyHolder says when the answer has no id', async () => {
    server.answer = () => ({ status: 200, json: {} });
    await expect(findKeyHolder(client(), { type: 'applications', appId })).rejects.toMatchObject({
      message: 'find application: Graph answered without id',
    });
  });
});

describe('replaceKeyCredentials', () => {
  const add = async () => ({ add: [await keyCredentialOf(certificate)] });

  it('sends the other keys along exactly as they were, and looks afterwards', async () => {
    const graph = client();
    const keys = await replaceKeyCredentials(graph, holder, await add());
    expect(stored[0]).toEqual(other());
    expect(stored[1]).toMatchObject({
      key: toBase64(certificate.der),
      keyId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(keys.map((key) => key.keyId)).toEqual(stored.map((key) => key.keyId));
    const read = `GET ${path}?$select=keyCredentials`;
    expect(requests()).toEqual([read, `PATCH ${path}`, read]);
    expect(graph.waits).toEqual([2000]);
  });

  it('looks again where a replica is behind', async () => {
    const before = [...stored];
    let looks = 0;
    server.answer = (request) =>
      request.method === 'GET' && ++looks > 1 && looks < 4
        ? { status: 200, json: { keyCredentials: before } }
        : answer(request);
    expect(await replaceKeyCredentials(client(), holder, await add())).toHaveLength(2);
    expect(looks).toBe(4);
  });

  it('says which key is lost when somebody else wrote over it', async () => {
    server.answer = (request) => {
      const answered = answer(request);
      // The other writer had read before, and knows of neither.
      if (request.method === 'PATCH') stored = [];
      return answered;
    };
    await expect(replaceKeyCredentials(client(), holder, await add())).rejects.toMatchObject({
      code: 'KEYS_CHANGED',
      message: expect.stringMatching(
        new RegExp(`^write keys: somebody else wrote .*: ${keyId}, [0-9a-f-]{36} not there$`),
      ),
    });
  });

  it('says which key is there again that was to be removed', async () => {
    server.answer = (request) => (request.method === 'PATCH' ? { status: 204 } : answer(request));
    await expect(replaceKeyCredentials(client(), holder, { remove: () => true })).rejects.toMatchObject({
      code: 'KEYS_CHANGED',
      message: `write keys: somebody else wrote at the same time: ${keyId} still there`,
    });
  });

  it('bears with a key that somebody else adds afterwards: nothing is lost by it', async () => {
    server.answer = (request) => {
      const answered = answer(request);
      if (request.method === 'PATCH') stored.push(other({ keyId: appId }));
      return answered;
    };
    expect(await replaceKeyCredentials(client(), holder, await add())).toHaveLength(3);
  });

  it.each([
    ['came without its certificate', { key: null }],
    ['signs SAML', { usage: 'Sign', type: 'X509CertAndPassword' }],
    ['is symmetric', { type: 'Symmetric' }],
  ])('writes nothing when a key that is to stay %s', async (_, changes) => {
    stored = [other(changes)];
    await expect(replaceKeyCredentials(client(), holder, await add())).rejects.toMatchObject({
      code: 'KEY_UNSUITABLE',
      fix: expect.stringContaining('proof of possession'),
    });
    expect(requests()).toHaveLength(1);
    expect(await replaceKeyCredentials(client(), holder, { remove: () => true })).toEqual([]);
  });

  it('writes nothing when the choice of keys fails', async () => {
    const remove = (): boolean => {
      throw new Error('no');
    };
    await expect(replaceKeyCredentials(client(), holder, { remove })).rejects.toThrow('no');
    expect(requests()).toHaveLength(1);
  });

  it.each([403, 429, 503])('passes on %s of the write, with nothing changed', async (status) => {
    server.answer = (request) =>
      request.method === 'PATCH' ? refused(status, 'Some', 'Oh', { 'retry-after': '90' }) : answer(request);
    await expect(replaceKeyCredentials(client(), holder, await add())).rejects.toMatchObject({ status });
    expect(stored).toEqual([other()]);
  });

  it('reads again before it writes again, so that what came meanwhile is kept', async () => {
    let writes = 0;
    server.answer = (request) => {
      if (request.method !== 'PATCH' || ++writes > 1) return answer(request);
      stored.push(other({ keyId: appId }));
      return refused(429, 'TooManyRequests', 'Slow down', { 'retry-after': '10' });
    };
    expect(await replaceKeyCredentials(client(), holder, await add())).toHaveLength(3);
    expect(stored.map((key) => key.keyId)).toEqual([keyId, appId, expect.any(String)]);
  });

  it('goes on after 429 of each request', async () => {
    const busy = refused(429, 'TooManyRequests', 'Slow down', { 'retry-after': '1' });
    first(busy);
    expect(await replaceKeyCredentials(client(), holder, await add())).toHaveLength(2);
    first({ status: 200, json: { keyCredentials: stored } }, busy, busy);
    expect(await replaceKeyCredentials(client(), holder, { remove: (key) => key.keyId === keyId })).toHaveLength(1);
  });
});
