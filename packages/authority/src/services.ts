import type { Platform } from '@certgrant/core';
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
  /** Makes what the authority begins with, in an empty directory. */
  readonly plantSeed: () => Promise<void>;
  /** How long an access token is good, in seconds. */
  readonly tokenLifetime: number;
  /** May do everything at the Graph endpoints. */
  readonly adminToken: string;
  /** The tenant in which the admin token works. */
  readonly adminTenantId: string;
  /** Is told of every request; without it nobody is. */
  readonly reporter?: RequestReporter | undefined;
  /** What went wrong inside; never a secret. */
  readonly log: (line: string) => void;
}
