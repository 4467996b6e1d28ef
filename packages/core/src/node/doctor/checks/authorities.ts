import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { isCertgrantError } from '../../../errors.ts';
import { createFetch } from '../../fetch.ts';
import { pemBlocks, readAuthorities, tlsTrust } from '../../trust.ts';
import { type Check, defineCheck, failed, type Network, passed, type Surroundings, warned } from '../check.ts';

/** Which CAs a server's certificate may come from. */
export const authorities: Check = defineCheck({
  id: 'authorities',
  doing: 'read the CAs that are trusted',
  gives: ['network'],
  run: async (_, around) => {
    const added = new Map<string, string>();
    const add = (blocks: readonly string[], origin: string): void => {
      for (const block of blocks) {
        const { fingerprint256 } = new X509Certificate(block);
        if (!added.has(fingerprint256)) added.set(fingerprint256, origin);
      }
    };
    const files: Uint8Array[] = [];
    const parts = [usualInWords(around)];
    for (const { name, read } of around.ca) {
      const bytes = await read();
      const blocks = authoritiesOf(bytes);
      if (blocks === undefined) {
        return failed(
          `there is no certificate of a CA in --ca ${name}`,
          "Give the CA's certificate as a PEM or DER file",
          'FORMAT_UNKNOWN',
        );
      }
      files.push(bytes);
      add(blocks, `--ca ${name}`);
      parts.push(`${blocks.length} of --ca ${name}`);
    }
    const extra = readExtra(around.env.NODE_EXTRA_CA_CERTS);
    add(extra.blocks, 'NODE_EXTRA_CA_CERTS');
    if (extra.blocks.length > 0) parts.push(`${extra.blocks.length} of NODE_EXTRA_CA_CERTS`);
    const network = await networkOf(files, added, extra.problem, around);
    const detail = `trusted are ${parts.join(', ')}${ignoredInWords(around)}`;
    if (extra.problem === undefined) return passed(detail, { network });
    return warned(`${extra.problem}; ${detail}`, 'Name a PEM file with the CA in NODE_EXTRA_CA_CERTS, or unset it', {
      network,
    });
  },
});

async function networkOf(
  files: readonly Uint8Array[],
  added: ReadonlyMap<string, string>,
  problem: string | undefined,
  { env, fetch: replaced, onEnd }: Surroundings,
): Promise<Network> {
  const own = createFetch({ ca: files, env });
  onEnd(() => own.close());
  return { fetch: replaced ?? own, trust: await tlsTrust(files, env), added, problem };
}

function authoritiesOf(bytes: Uint8Array): readonly string[] | undefined {
  try {
    return readAuthorities(bytes, X509Certificate);
  } catch (thrown) {
    if (isCertgrantError(thrown)) return undefined;
    throw thrown;
  }
}

interface Extra {
  readonly blocks: readonly string[];
  readonly problem?: string;
}

/** Node itself ignores a file that it cannot use, with no more than a warning. */
function readExtra(path: string | undefined): Extra {
  if (path === undefined || path === '') return { blocks: [] };
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return { blocks: [], problem: 'the file that NODE_EXTRA_CA_CERTS names cannot be read, and is ignored' };
  }
  const blocks = pemBlocks(text).filter(isCertificate);
  if (blocks.length > 0) return { blocks };
  return { blocks, problem: 'the file that NODE_EXTRA_CA_CERTS names has no certificate in PEM, and is ignored' };
}

function isCertificate(block: string): boolean {
  try {
    new X509Certificate(block);
    return true;
  } catch {
    return false;
  }
}

/** Whether Node was told to take OpenSSL's store, or the system's, in place of its own list or beside it. */
function usesStore(env: Surroundings['env'], name: 'openssl' | 'system'): boolean {
  const option = `--use-${name}-ca`;
  return process.execArgv.includes(option) || (env.NODE_OPTIONS ?? '').split(/\s+/).includes(option);
}

function usualInWords({ env, ca }: Surroundings): string {
  if (usesStore(env, 'openssl') && ca.length === 0) return "OpenSSL's CAs (--use-openssl-ca)";
  if (usesStore(env, 'system')) return "Node's and the system's CAs (--use-system-ca)";
  return `the ${rootCertificates.length} CAs that Node brings`;
}

/** Variables that other tools read: people set them and wonder. */
function ignoredInWords({ env }: Surroundings): string {
  const others = ['SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'];
  const usesOpenssl = usesStore(env, 'openssl');
  const ignored = others.filter((name) => env[name] && !(usesOpenssl && name.startsWith('SSL_')));
  return ignored.length === 0 ? '' : `; not read by Node: ${ignored.join(', ')}`;
}
