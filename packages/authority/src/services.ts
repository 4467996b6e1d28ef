import type { Platform } from '@certgrant/core';
import type { Directory } from './directory/directory.ts';
import type { Hosts } from './http/hosts.ts';
import type { SigningKeys } from './tokens/signing-key.ts';

/** What the endpoints work with. */
export interface Services {
  readonly directory: Directory;
  readonly signingKeys: SigningKeys;
  readonly hosts: Hosts;
  readonly platform: Platform;
  /** How long an access token is good, in seconds. */
  readonly tokenLifetime: number;
  /** May do everything at the Graph endpoints. */
  readonly adminToken: string;
  /** The tenant in which the admin token works. */
  readonly adminTenantId: string;
  /** What went wrong inside; never a secret. */
  readonly log: (line: string) => void;
}
