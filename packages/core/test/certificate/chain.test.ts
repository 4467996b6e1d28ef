import {
  type Certificate,
  createCertificate,
  createSigner,
  generateKeyPair,
  type KeyPair,
  orderChain,
} from '@certgrant/core';
import { describe, expect, it } from 'vitest';

const from = new Date('2026-01-01T00:00:00Z');

interface Node {
  readonly keyPair: KeyPair;
  readonly certificate: Certificate;
}

async function issue(name: string, by?: Node, options: { keyPair?: KeyPair; until?: string } = {}): Promise<Node> {
  const keyPair = options.keyPair ?? (await generateKeyPair('P-256'));
  const certificate = await createCertificate({
    subject: `CN=${name}`,
    publicKey: keyPair.spki,
    issuer: {
      signer: await createSigner((by?.keyPair ?? keyPair).pkcs8, 'ES256'),
      certificate: by?.certificate ?? 'self',
    },
    notBefore: from,
    notAfter: new Date(options.until ?? '2030-01-01T00:00:00Z'),
    certificateAuthority: name !== 'leaf',
  });
  return { keyPair, certificate };
}

describe('orderChain', () => {
  it('puts the leaf first and each issuer after, whatever the order, and leaves out what does not belong', async () => {
    const root = await issue('root');
    const middle = await issue('middle', root);
    const leaf = await issue('leaf', middle);
    const stranger = await issue('stranger');
    const others = [root, stranger, leaf, middle, middle].map((node) => node.certificate);
    expect(orderChain(leaf.certificate, others).map(({ subject }) => subject)).toEqual([
      'CN=leaf',
      'CN=middle',
      'CN=root',
    ]);
    expect(orderChain(leaf.certificate, [root.certificate])).toEqual([leaf.certificate]);
    expect(orderChain(root.certificate, others)).toEqual([root.certificate]);
  });

  it('tells two authorities of one name apart by the key', async () => {
    const older = await issue('root', undefined, { until: '2040-01-01T00:00:00Z' });
    const newer = await issue('root');
    const leaf = await issue('leaf', newer);
    expect(orderChain(leaf.certificate, [older.certificate, newer.certificate])[1]).toBe(newer.certificate);
    expect(orderChain(leaf.certificate, [older.certificate])).toEqual([leaf.certificate]);
  });

  it('takes the certificate that lasts longest where an authority has several for one key', async () => {
    const root = await issue('root');
    const renewed = await issue('root', undefined, { keyPair: root.keyPair, until: '2040-01-01T00:00:00Z' });
    const leaf = await issue('leaf', root);
    expect(orderChain(leaf.certificate, [root.certificate, renewed.certificate])[1]).toBe(renewed.certificate);
  });

  it('ends where two authorities have certified each other', async () => {
    const one = await issue('one');
    const two = await issue('two');
    const oneByTwo = await issue('one', two, { keyPair: one.keyPair });
    const twoByOne = await issue('two', one, { keyPair: two.keyPair });
    const leaf = await issue('leaf', one);
    const chain = orderChain(leaf.certificate, [oneByTwo.certificate, twoByOne.certificate]);
    expect(chain.map(({ subject, issuer }) => `${subject} by ${issuer}`)).toEqual([
      'CN=leaf by CN=one',
      'CN=one by CN=two',
      'CN=two by CN=one',
    ]);
  });
});
