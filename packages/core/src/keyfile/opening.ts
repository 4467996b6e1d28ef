import type { Engine } from '../lib/engine.ts';
import type { DerivationCost } from './derivation-cost.ts';
import type { PasswordForms } from './passwords.ts';

/** Takes an encrypted private key in one step, as {@link Engine} says. */
export type Unwrap = NonNullable<Engine['unwrapSigningKey']>;

/** What opening a locked file takes besides its octets. */
export interface Opening {
  readonly passwords: PasswordForms;
  readonly cost: DerivationCost;
  /** Where private keys are to go into the runtime undecrypted, as far as it takes them so. */
  readonly unwrap: Unwrap | undefined;
}
