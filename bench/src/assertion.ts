import { constants, createPrivateKey, type KeyObject, randomUUID, sign } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { createClientAssertion, thumbprints } from '@certgrant/core';
import { createSigner as createFastJwtSigner } from 'fast-jwt';
import { SignJWT } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import type { Material } from './material.ts';
import { type Contender, compare, cpuTime, median, medianRatio, wallTime } from './measure.ts';
import type { Finding } from './report.ts';

const bare = 'bare signature, crypto.sign';
const ours = 'certgrant';
const audience = 'https://login.microsoftonline.com/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/oauth2/v2.0/token';
const clientId = '11112222-bbbb-3333-cccc-4444dddd5555';

/** One client assertion (RSA 2048, PS256): its CPU over that of the signature alone, which nobody can save. */
export async function benchAssertion(material: Material): Promise<Finding> {
  // Many a turn: V8 throws compiled code away at a forced collection, and a daemon forces none.
  const samples = await compare(await contenders(material), { rounds: 15, operations: 500 }, cpuTime);
  const rows = [...samples].map(([name, values]) => [name, median(values), medianRatio(samples, name, bare)]);
  return {
    title: 'One client assertion, RSA 2048, PS256: CPU',
    columns: ['', 'µs', '× bare'],
    rows,
    goals: [
      {
        name: 'assertion ÷ bare RSA signature (CPU)',
        measured: medianRatio(samples, ours, bare),
        relation: 'at most',
        goal: 1.06,
      },
    ],
  };
}

async function contenders(material: Material): Promise<readonly Contender[]> {
  const { credential, keyPem, pkcs8 } = material;
  const x5tS256 = (await thumbprints(credential.certificate))['x5t#S256'];
  const header = { alg: 'PS256', typ: 'JWT', 'x5t#S256': x5tS256 };
  const key = createPrivateKey(keyPem);
  const pss = { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 };
  const webKey = await crypto.subtle.importKey('pkcs8', pkcs8, pss, false, ['sign']);
  const signingInput = Buffer.from(
    (await createClientAssertion({ credential, clientId, audience })).replace(/\.[^.]*$/, ''),
  );
  const fastJwt = createFastJwtSigner({
    key: keyPem,
    algorithm: 'PS256',
    noTimestamp: true,
    header,
  });
  return [
    { name: bare, run: () => signBare(signingInput, key) },
    { name: 'bare signature, subtle.sign', run: () => crypto.subtle.sign(pss, webKey, signingInput) },
    { name: ours, run: () => createClientAssertion({ credential, clientId, audience }) },
    { name: 'jose', run: () => new SignJWT(claims()).setProtectedHeader(header).sign(webKey) },
    {
      name: 'jsonwebtoken',
      run: () => jsonwebtoken.sign(claims(), key, { algorithm: 'PS256', header }),
    },
    { name: 'fast-jwt', run: () => fastJwt(claims()) },
  ];
}

function signBare(data: Uint8Array, key: KeyObject): Uint8Array {
  return sign('sha256', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
}

/** What a caller of a general JWT library writes himself for each assertion. */
function claims(): Record<string, string | number> {
  const now = Math.floor(Date.now() / 1000);
  return { aud: audience, iss: clientId, sub: clientId, jti: randomUUID(), iat: now, nbf: now, exp: now + 600 };
}

/** Many assertions wanted at once: how much sooner they are there than one after another, and on how many cores. */
export async function benchManyAssertions({ credential }: Material): Promise<Finding> {
  const many = 64;
  const one = (): Promise<string> => createClientAssertion({ credential, clientId, audience });
  const busy: number[] = [];
  const atOnce = 'all at once';
  const inTurn = 'one after another';
  const samples = await compare(
    [
      {
        name: inTurn,
        run: async () => {
          for (let i = 0; i < many; i++) await one();
        },
      },
      {
        name: atOnce,
        run: async () => {
          const [cpuStart, wallStart] = [cpuTime(), wallTime()];
          await Promise.all(Array.from({ length: many }, one));
          busy.push((cpuTime() - cpuStart) / (wallTime() - wallStart));
        },
      },
    ],
    { rounds: 15, operations: 1 },
    wallTime,
  );
  const cores = Math.min(availableParallelism(), Number(process.env.UV_THREADPOOL_SIZE ?? 4));
  return {
    title: `${many} client assertions wanted at once: wall time`,
    columns: ['', 'µs each', '× as fast'],
    rows: [...samples].map(([name, values]) => [name, median(values) / many, medianRatio(samples, inTurn, name)]),
    goals: [
      {
        name: `cores busy with assertions at once, of ${cores}`,
        measured: median(busy),
        relation: 'at least',
        goal: 0.8 * cores,
      },
    ],
  };
}
