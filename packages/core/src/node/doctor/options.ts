import type { Credential } from '../../keyfile/credential.ts';
import type { SelectionOptions } from '../../keyfile/select-credential.ts';
import type { Platform } from '../../platform.ts';
import type { TokenClientOptions } from '../../token/token-client-options.ts';
import type { TokenTarget } from '../../token/token-request.ts';
import type { CheckId, CheckResult } from './report.ts';

/** What the token would be asked for with, beside the key. */
export interface DoctorSettings
  extends Pick<
    TokenClientOptions,
    'authority' | 'tenant' | 'issuer' | 'clientId' | 'alg' | 'profile' | 'keyId' | 'sendChain' | 'audience' | 'lifetime'
  > {
  readonly target: TokenTarget;
  /** The claims request of a claims challenge, as JSON. */
  readonly claims?: string | undefined;
}

/** A file that is read when its check runs. */
export interface DoctorFile {
  /** What it is called in the report. */
  readonly name: string;
  /** Where it is on this machine, for a look at its permissions; absent for standard input and the like. */
  readonly path?: string | undefined;
  /** @throws {CertgrantError} what is then the finding of the check */
  read(): Promise<Uint8Array>;
}

/** The key and its certificate: in files, or on a token that opens them itself. */
export type DoctorKey =
  | {
      /** The file with the certificate, then the one with the key where that is another one. */
      readonly files: readonly DoctorFile[];
      /** The password, where one is given. What it throws fails the check `password`. */
      password?(): Promise<string | undefined>;
      /** Asks for the password of a file where none is given; `undefined` where there is nobody to ask. */
      askPassword?(file: string): Promise<string | undefined>;
      readonly allowCostly?: boolean | undefined;
      readonly selection?: SelectionOptions | undefined;
    }
  | {
      /** What it is called in the report. */
      readonly name: string;
      /** @throws {CertgrantError} what is then the finding of the check `key` */
      open(): Promise<Credential>;
    };

/** What {@link runDoctor} examines. */
export interface DoctorOptions {
  /** Gives what a token would be asked for with. What it throws fails the check `settings`, and the others go on. */
  settings(): DoctorSettings;
  readonly key: DoctorKey;
  /** CAs to trust besides the usual ones, each in PEM or DER. */
  readonly ca?: readonly DoctorFile[] | undefined;
  /** Application permissions that the access token must have. */
  readonly expectedRoles?: readonly string[] | undefined;
  /** The environment to look at; by default the process's. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** For each check, in milliseconds; by default 10 seconds. */
  readonly timeout?: number | undefined;
  /** Stops it; it then throws `CANCELLED`. */
  readonly signal?: AbortSignal | undefined;
  /** Another clock or network. */
  readonly platform?: Partial<Platform> | undefined;
  /** Is told of each check that begins: its id, and what it does in words. */
  onStart?(id: CheckId, doing: string): void;
  /** Is told of each check that has ended. */
  onResult?(result: CheckResult): void;
}
