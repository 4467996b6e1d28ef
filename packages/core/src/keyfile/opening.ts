import type { DerivationCost } from './derivation-cost.ts';
import type { PasswordForms } from './passwords.ts';

/** What opening a locked file takes besides its octets. */
export interface Opening {
  readonly passwords: PasswordForms;
  readonly cost: DerivationCost;
}
