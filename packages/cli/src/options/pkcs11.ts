import type { Credential, SelectionOptions } from '@certgrant/core';
import { openPkcs11Credential, type Pkcs11Options } from '@certgrant/core/node';
import type { Io } from '../io.ts';

/** A private key that stays on its token. The PIN is asked for once at most: a token locks itself after a few wrong ones. */
export function pkcs11Credential(
  uri: string,
  options: SelectionOptions & Pick<Pkcs11Options, 'pin' | 'certificates'>,
  io: Io,
): Promise<Credential> {
  return openPkcs11Credential(uri, {
    ...options,
    askPin: (token) => io.askPassword(`PIN of ${token}: `),
    folder: io.cwd,
  });
}
