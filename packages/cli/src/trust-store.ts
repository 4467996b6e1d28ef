import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { platform } from 'node:os';
import { promisify } from 'node:util';
import { CertgrantError, isCertgrantError } from '@certgrant/core';
import { writeFileAtomically } from '@certgrant/core/node';

/** A CA that the system is to trust, or to trust no longer. */
export interface TrustedCa {
  readonly file: string;
  readonly pem: string;
  /** Upper-case hexadecimal. */
  readonly sha1: string;
}

/** The system's own store of the CAs that programs trust. */
export interface TrustStore {
  readonly name: string;
  /** What it is changed with; people can run it themselves. */
  readonly program: string;
  add(ca: TrustedCa, signal: AbortSignal): Promise<void>;
  remove(ca: TrustedCa, signal: AbortSignal): Promise<void>;
}

/** Debian's update-ca-certificates reads this folder; it takes PEM in files that end in `.crt`. */
const debianFolder = '/usr/local/share/ca-certificates';

const stores: readonly (TrustStore & { readonly isHere: () => boolean })[] = [
  {
    name: 'Debian and Ubuntu',
    program: '/usr/sbin/update-ca-certificates',
    isHere: () => platform() === 'linux' && existsSync('/usr/sbin/update-ca-certificates'),
    add: async (ca, signal) => {
      await writeFileAtomically(debianFile(ca), new TextEncoder().encode(ca.pem), { mode: 0o644, overwrite: true });
      await execute('/usr/sbin/update-ca-certificates', [], signal);
    },
    remove: async (ca, signal) => {
      if (!existsSync(debianFile(ca))) throw notThere();
      await rm(debianFile(ca));
      await execute('/usr/sbin/update-ca-certificates', ['--fresh'], signal);
    },
  },
  {
    name: 'macOS',
    program: '/usr/bin/security',
    isHere: () => platform() === 'darwin',
    add: ({ file }, signal) => {
      const keychain = '/Library/Keychains/System.keychain';
      return execute('/usr/bin/security', ['add-trusted-cert', '-d', '-r', 'trustRoot', '-k', keychain, file], signal);
    },
    remove: ({ file }, signal) => execute('/usr/bin/security', ['remove-trusted-cert', '-d', file], signal),
  },
  {
    name: 'Windows',
    program: 'certutil.exe',
    isHere: () => platform() === 'win32',
    add: ({ file }, signal) => execute('certutil.exe', ['-addstore', '-f', 'Root', file], signal),
    remove: ({ sha1 }, signal) => execute('certutil.exe', ['-delstore', 'Root', sha1], signal),
  },
];

/**
 * The store of this system.
 *
 * @throws {CertgrantError} `FILE_NOT_WRITABLE` for a system whose store is not known here
 */
export function systemTrustStore(): TrustStore {
  const store = stores.find(({ isHere }) => isHere());
  if (store !== undefined) return guarded(store);
  throw new CertgrantError('FILE_NOT_WRITABLE', 'change trust store: there is none here that certgrant knows', {
    fix: 'Set what certgrant authority trust prints for the program, or use the tools of the system',
  });
}

function debianFile({ sha1 }: TrustedCa): string {
  return `${debianFolder}/certgrant-${sha1.slice(0, 16).toLowerCase()}.crt`;
}

/** Whatever is in the way, what can be done is the same. */
function guarded(store: TrustStore): TrustStore {
  const attempt = async (change: () => Promise<void>): Promise<void> => {
    try {
      await change();
    } catch (cause) {
      if (isCertgrantError(cause) && cause.code !== 'FILE_NOT_WRITABLE') throw cause;
      throw new CertgrantError(
        'FILE_NOT_WRITABLE',
        `change trust store: ${store.program} was not permitted or failed`,
        {
          fix: 'Run the command as administrator (sudo), or set what certgrant authority trust prints instead',
          cause,
        },
      );
    }
  };
  return {
    ...store,
    add: (ca, signal) => attempt(() => store.add(ca, signal)),
    remove: (ca, signal) => attempt(() => store.remove(ca, signal)),
  };
}

/** Without a shell, so that no name is taken for anything else. */
async function execute(program: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  await promisify(execFile)(program, args, { signal, timeout: 120_000, windowsHide: true });
}

function notThere(): CertgrantError {
  return new CertgrantError('FILE_NOT_FOUND', 'change trust store: this CA is not in it', {
    fix: 'Give the CA that was added; another program may have removed it already',
  });
}
