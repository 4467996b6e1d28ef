import { readCertificate } from '../certificate/read-certificate.ts';
import { readPublicKey } from '../certificate/read-public-key.ts';
import { CertgrantError, isCertgrantError } from '../errors.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import type { FoundCertificate, FoundKey, FoundLabels, KeyFileContents } from './key-file-contents.ts';
import { readPrivateKey } from './private-key-info.ts';
import type { UnwrappedKey } from './unwrapped-private-key.ts';

/** What was found, with the private keys that the runtime took undecrypted. */
export interface CollectedContents extends KeyFileContents {
  readonly unwrappedKeys: readonly UnwrappedKey[];
}

/** Of each kind. No honest file comes near it, while the work of matching keys and certificates grows with their number. */
const most = 1000;

/** Gathers what the readers of the several formats find. */
export class Collector {
  readonly #privateKeys: FoundKey[] = [];
  readonly #unwrappedKeys: UnwrappedKey[] = [];
  readonly #certificates: FoundCertificate[] = [];
  readonly #skipped: { readonly what: string; readonly fix: string }[] = [];

  /**
   * A private key in PKCS#8, PKCS#1 or SEC 1. One of a kind that certgrant cannot use does not stand in the way of others.
   *
   * @throws {DerError} when it is none of them
   */
  async addPrivateKey(der: Bytes, labels: FoundLabels = {}): Promise<void> {
    requireRoom(this.#privateKeys, 'private keys');
    try {
      const { pkcs8, spki } = await readPrivateKey(der);
      this.#privateKeys.push({ ...labels, pkcs8, publicKey: readPublicKey(spki) });
    } catch (thrown) {
      if (!isCertgrantError(thrown) || thrown.code !== 'FORMAT_UNSUPPORTED') throw thrown;
      this.skip(unusable(thrown), thrown.fix);
    }
  }

  addUnwrappedKey(key: UnwrappedKey): void {
    keep(this.#unwrappedKeys, key, 'private keys');
  }

  addCertificate(der: Bytes, labels: FoundLabels = {}): void {
    requireRoom(this.#certificates, 'certificates');
    this.#certificates.push({ ...labels, certificate: readCertificate(der) });
  }

  /** Something that was there and is of no use, in words, and what to do when there is nothing else. */
  skip(what: string, fix = 'Give the file that holds the private key and its certificate'): void {
    keep(this.#skipped, { what, fix }, 'other things');
  }

  /** An empty one, for a part whose place among the others is not known yet. */
  another(): Collector {
    return new Collector();
  }

  /** What {@link another} has gathered, behind what is here. */
  addAll(other: Collector): void {
    for (const key of other.#privateKeys) keep(this.#privateKeys, key, 'private keys');
    for (const key of other.#unwrappedKeys) keep(this.#unwrappedKeys, key, 'private keys');
    for (const certificate of other.#certificates) keep(this.#certificates, certificate, 'certificates');
    for (const thing of other.#skipped) keep(this.#skipped, thing, 'other things');
  }

  /** @throws {CertgrantError} `FORMAT_UNSUPPORTED` when all that was there is of no use */
  contents(format: KeyFileContents['format']): CollectedContents {
    const [first] = this.#skipped;
    const found = [this.#privateKeys, this.#unwrappedKeys, this.#certificates];
    if (first !== undefined && found.every((things) => things.length === 0)) {
      const what = `read key file: there is no private key and no certificate in it, but ${first.what}`;
      throw new CertgrantError('FORMAT_UNSUPPORTED', what, { fix: first.fix });
    }
    const skipped = this.#skipped.map(({ what }) => what);
    return {
      format,
      privateKeys: this.#privateKeys,
      unwrappedKeys: this.#unwrappedKeys,
      certificates: this.#certificates,
      skipped,
    };
  }
}

function keep<Thing>(found: Thing[], thing: Thing, what: string): void {
  requireRoom(found, what);
  found.push(thing);
}

function requireRoom(found: readonly unknown[], what: string): void {
  if (found.length < most) return;
  throw new CertgrantError('FORMAT_UNSUPPORTED', `read key file: it holds more than ${most} ${what}`, {
    fix: 'Give a file with one private key and its certificate',
  });
}

/** `read private key: a key of the algorithm DSA …` without the action. */
function unusable({ message }: CertgrantError): string {
  return message.slice(message.indexOf(': ') + 2);
}
