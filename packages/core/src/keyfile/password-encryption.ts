import { CertgrantError } from '../errors.ts';
import { DerError } from '../lib/der/der-error.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import type { AlgorithmIdentifier } from './algorithm-identifier.ts';
import type { DerivationCost } from './derivation-cost.ts';
import { Oid } from './object-identifiers.ts';
import type { PasswordForms } from './passwords.ts';
import { type Decryption, pbes2 } from './pbes2.ts';

/** Something encrypted with a password. */
export interface Encrypted {
  readonly identifier: AlgorithmIdentifier;
  readonly ciphertext: Bytes;
}

/**
 * Decrypts in each form of the password until `read` finds the structure that it expects.
 *
 * A wrong password is found out by the padding, and in one of 256 cases only by what stands inside.
 *
 * @throws {CertgrantError} `PASSWORD_WRONG` or `PASSWORD_REQUIRED` when no form of the password fits
 */
export async function decryptWithPassword<T>(
  { identifier, ciphertext }: Encrypted,
  passwords: PasswordForms,
  cost: DerivationCost,
  read: (plaintext: Bytes) => Promise<T> | T,
): Promise<T> {
  const { decrypt, forms } = await decryption(identifier, passwords, cost);
  return inFittingForm(forms, passwords.given, (form) => decrypt(form, ciphertext), read);
}

/** Opens with each form of a password until something comes out (not `undefined`) that `read` takes (no {@link DerError}). */
export async function inFittingForm<Opened, T>(
  forms: readonly Bytes[],
  given: boolean,
  open: (form: Bytes) => Promise<Opened | undefined>,
  read: (opened: Opened) => Promise<T> | T,
): Promise<T> {
  for (const form of forms) {
    const opened = await open(form);
    if (opened === undefined) continue;
    try {
      return await read(opened);
    } catch (thrown) {
      if (!(thrown instanceof DerError)) throw thrown;
    }
  }
  throw passwordError(given);
}

async function decryption(
  { algorithm, parameters }: AlgorithmIdentifier,
  passwords: PasswordForms,
  cost: DerivationCost,
): Promise<{ decrypt: Decryption; forms: readonly Bytes[] }> {
  if (algorithm === Oid.pbes2) return { decrypt: pbes2(parameters, cost), forms: passwords.octets };
  const { pbes1, pbes1Schemes, pkcs12Encryption, pkcs12Schemes } = await import('./pbes1.ts');
  const pkcs12 = pkcs12Schemes[algorithm];
  if (pkcs12 !== undefined) {
    return { decrypt: pkcs12Encryption(pkcs12, parameters, cost), forms: passwords.pkcs12 };
  }
  const old = pbes1Schemes[algorithm];
  if (old !== undefined) return { decrypt: pbes1(old, parameters, cost), forms: passwords.octets };
  throw new CertgrantError(
    'FORMAT_UNSUPPORTED',
    `open key file: it is encrypted with the scheme ${algorithm}, which certgrant does not know`,
    { fix: 'Export the file again with AES-256' },
  );
}

/** What to say when nothing fits. */
export function passwordError(given: boolean): CertgrantError {
  return given
    ? new CertgrantError('PASSWORD_WRONG', 'open key file: the password is not the one that the file was locked with', {
        fix: 'Check the password: upper and lower case, the keyboard layout, a line break at the end of a password file',
      })
    : new CertgrantError('PASSWORD_REQUIRED', 'open key file: the file is locked with a password and none was given', {
        fix: 'Give the password that the file was exported with (--password-file, --password-env, or the option password)',
      });
}
