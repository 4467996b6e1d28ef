import type { Platform } from '@certgrant/core';
import type { UsedAssertions } from './checks/used-assertions.ts';
import type { Controls } from './controls/controls.ts';
import type { RequestReporter } from './controls/request-reporter.ts';
import type { Directory } from './directory/directory.ts';
import type { Hosts } from './http/hosts.ts';
import type { SigningKeys } from './tokens/signing-key.ts';

/** What the endpoints work with. */
export interface Services {
  readonly directory: Directory;
  readonly signingKeys: SigningKeys;
  readonly hosts: Hosts;
  /** Its clock is the one of `controls`. */
  readonly platform: Platform;
  readonly controls: Controls;
  /** Puts what the authority begins with in place of everything in the directory, in one step. */
  readonly restoreSeed: () => Promise<void>;
  /** How long an access token is good, in seconds. */
  readonly tokenLifetime: number;
  /** The same for a client that can handle claims challenges (continuous access evaluation). */
  readonly caeTokenLifetime: number;
  /** In strict mode, what was used already; without it everything that Entra ID takes is taken. */
  readonly usedAssertions?: UsedAssertions | undefined;
  /** May do everything at the Graph endpoints. */
  readonly adminToken: string;
  /** The tenant in which the admin token works. */
  readonly adminTenantId: string;
  /** Is told of every request; without it nobody is. */
  readonly reporter?: RequestReporter | undefined;
  /** What went wrong inside; never a secret. */
  readonly log: (line: string) => void;
}
