import { constants, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * What one token costs in RSA alone: the client's PS256 signature verified, the access token signed with RS256. Each
 * message is a number of milliseconds to do that for; the answer is how often it was done.
 */
const { pkcs8, spki } = workerData as { pkcs8: Uint8Array; spki: Uint8Array };
const privateKey = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
const publicKey = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
const data = Buffer.alloc(600, 7);
const assertionSignature = sign('sha256', data, { key: privateKey, ...pss });

parentPort?.on('message', (milliseconds: number) => {
  const end = performance.now() + milliseconds;
  let done = 0;
  for (; performance.now() < end; done++) {
    verify('sha256', data, { key: publicKey, ...pss }, assertionSignature);
    sign('sha256', data, privateKey);
  }
  parentPort?.postMessage(done);
});
