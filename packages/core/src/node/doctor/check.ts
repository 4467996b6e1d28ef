import type { CertgrantError } from '../../errors.ts';
import type { Credential } from '../../keyfile/credential.ts';
import type { KeyFileContents } from '../../keyfile/key-file-contents.ts';
import type { Platform } from '../../platform.ts';
import type { AccessToken } from '../../token/token-client.ts';
import type { TlsTrust } from '../trust.ts';
import type { DoctorFile, DoctorKey, DoctorSettings } from './options.ts';
import type { CheckId, CheckStatus } from './report.ts';

/** What the checks find out, for the checks after them. */
export interface Findings {
  readonly settings: DoctorSettings;
  /** The URL that is asked first: the token endpoint, or the issuer where that has to be discovered. */
  readonly server: URL;
  readonly files: readonly ReadFile[];
  readonly recognised: readonly RecognisedFile[];
  readonly opened: readonly KeyFileContents[];
  readonly credential: Credential;
  readonly network: Network;
  readonly way: Way;
  readonly addresses: readonly string[];
  readonly connected: true;
  /** The proxy connects to the server, or there is none. */
  readonly tunnelled: true;
  /** The way has been gone to its end: the server was reached, and is trusted where TLS is spoken. */
  readonly reached: true;
  readonly discovery: Discovery;
  readonly issuer: string | undefined;
  readonly token: AccessToken;
}

export interface ReadFile {
  readonly file: DoctorFile;
  readonly bytes: Uint8Array;
}

/** A file of a known format. */
export interface RecognisedFile extends ReadFile {
  /** Absent when it opens only with a password. */
  readonly contents: KeyFileContents | undefined;
}

/** The network as the requests will use it. */
export interface Network {
  readonly fetch: Platform['fetch'];
  readonly trust: TlsTrust;
  /** Where each CA comes from that was added to Node's own, by its SHA-256 fingerprint. */
  readonly added: ReadonlyMap<string, string>;
  /** What is wrong with the variables that add CAs; `undefined` when nothing is. */
  readonly problem: string | undefined;
}

/** How the server is reached. */
export interface Way {
  readonly proxy: URL | undefined;
  /** What this machine connects to: the proxy or the server itself. */
  readonly host: string;
  readonly port: number;
}

/** What the server publishes about itself. */
export interface Discovery {
  /** Absent where a server has no document and none is needed. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
  /** The document is there and names another issuer. */
  readonly mismatch: CertgrantError | undefined;
  /** Both clocks when the answer came, in milliseconds since 1970; absent where the server does not say. */
  readonly clocks: { readonly server: number; readonly local: number } | undefined;
}

/** What is around a check. */
export interface Surroundings {
  /** Gives the settings, or throws what is wrong with them. */
  settings(): DoctorSettings;
  readonly key: DoctorKey;
  readonly ca: readonly DoctorFile[];
  readonly expectedRoles: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: Platform;
  /** Another network, where there is one in place of the system's. */
  readonly fetch: Platform['fetch'] | undefined;
  /** For the check, in milliseconds. */
  readonly timeout: number;
  /** Aborted when the time is up, and when nobody waits any more. */
  readonly signal: AbortSignal;
  /** Is called when all is done. */
  onEnd(close: () => Promise<void>): void;
}

export interface Outcome {
  readonly status: CheckStatus;
  readonly detail: string;
  readonly fix?: string | undefined;
  readonly code?: string | undefined;
  readonly found?: Partial<Findings> | undefined;
}

/** One thing that is looked at. */
export interface Check {
  readonly id: CheckId;
  /** What it does, shown while it does it: "look up the host". */
  readonly doing: string;
  /** It is skipped without these. */
  readonly needs: readonly (keyof Findings)[];
  /** What it finds out when it does not fail. */
  readonly gives: readonly (keyof Findings)[];
  /** Somebody may be asked for a password, so that no time is too long. */
  readonly waitsForPerson: boolean;
  run(found: Partial<Findings>, around: Surroundings): Promise<Outcome>;
}

type Found<Needs extends keyof Findings> = Pick<Findings, Needs> & Partial<Findings>;

interface CheckDefinition<Needs extends keyof Findings> {
  readonly id: CheckId;
  readonly doing: string;
  readonly needs?: readonly Needs[];
  readonly gives?: readonly (keyof Findings)[];
  readonly waitsForPerson?: boolean;
  run(found: Found<Needs>, around: Surroundings): Promise<Outcome> | Outcome;
}

/** Ties a check to what it needs, so that it gets that with its type. */
export function defineCheck<const Needs extends keyof Findings = never>(definition: CheckDefinition<Needs>): Check {
  const { id, doing, needs = [], gives = [], waitsForPerson = false } = definition;
  // The examination runs a check only when all that it needs is there.
  const run = async (found: Partial<Findings>, around: Surroundings): Promise<Outcome> =>
    definition.run(found as Found<Needs>, around);
  return { id, doing, needs, gives, waitsForPerson, run };
}

export function passed(detail: string, found?: Partial<Findings>): Outcome {
  return { status: 'passed', detail, found };
}

export function warned(detail: string, fix: string, found?: Partial<Findings>): Outcome {
  return { status: 'warned', detail, fix, found };
}

export function skipped(detail: string, found?: Partial<Findings>): Outcome {
  return { status: 'skipped', detail, found };
}

export function failed(detail: string, fix: string, code?: string): Outcome {
  return { status: 'failed', code, detail, fix };
}

/** The finding that an error of certgrant is, with the likeliest cause where it has been explained. */
export function failedBy(error: CertgrantError): Outcome {
  return failed(error.message + causeOf(error), error.fix, codeOf(error));
}

function codeOf(error: CertgrantError): string {
  return 'aadsts' in error && typeof error.aadsts === 'string' ? error.aadsts : error.code;
}

interface Explained {
  readonly explanation?: { readonly causes: readonly { readonly likelihood: string; readonly why: string }[] };
}

function causeOf(error: CertgrantError): string {
  const [first] = (error as Explained).explanation?.causes ?? [];
  if (first === undefined) return '';
  return `; ${first.likelihood === 'certain' ? 'the cause' : `${first.likelihood} cause`}: ${first.why}`;
}
