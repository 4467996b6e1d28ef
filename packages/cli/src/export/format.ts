import type { Certificate, Thumbprints } from '@certgrant/core';

/** Everything that a request for a token is made of: what each format is rendered from. */
export interface ExportSettings {
  /** An id or a domain name. */
  readonly tenant: string;
  /** A GUID. */
  readonly clientId: string;
  /** One resource followed by `/.default`. Any characters but blanks: each format quotes it for its language. */
  readonly scope: string;
  /** The URL before the tenant, without a slash at its end. */
  readonly authority: string;
  /** Where the token is asked for, and the audience of the assertion. */
  readonly tokenEndpoint: string;
  /** The call that the token is shown with: of Microsoft Graph, or of the API that the scope names. */
  readonly apiUrl: string;
  readonly alg: 'PS256' | 'RS256';
  /** How long an assertion is good for, in seconds. */
  readonly lifetime: number;
  /** Absent where `--cert` is: the format then leaves a named gap for it. */
  readonly certificate: ExportedCertificate | undefined;
  /** Absolute, for programs that open the files themselves and may be started from anywhere. Any characters. */
  readonly files: ExportedPaths;
  /** PKCS#8 as PEM. Only with `--with-key`; a file that holds it has mode 0600. */
  readonly privateKeyPem: string | undefined;
}

/** The public half of the credential. */
export interface ExportedCertificate {
  readonly certificate: Certificate;
  readonly thumbprints: Thumbprints;
  /** The certificate alone, with a line break at its end. */
  readonly pem: string;
  /** What kind of file `--cert` is, for programs that read some kinds only. */
  readonly fileFormat: 'pfx' | 'pem' | 'der' | 'jwk';
}

/** `undefined` where there is none, or it came from standard input or an environment variable. */
export interface ExportedPaths {
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** A file of an export. */
export interface ExportedFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly contents: string;
  /** 0o600 where a private key is in it, 0o755 where it is a program that is run by its name. */
  readonly mode: 0o600 | 0o644 | 0o755;
}

/** A format: what `--list` says about it, and the function that renders it. */
export interface ExportFormat {
  /** A file each; a format that always makes one file can be written to any name and to standard output. */
  readonly render: (settings: ExportSettings) => readonly ExportedFile[] | Promise<readonly ExportedFile[]>;
}

/** A line of the list of formats, known without loading what renders it. */
export interface ListedFormat {
  /** What it makes, in a few words without a final period. */
  readonly makes: string;
  /** Whether it makes several files, which need a folder. */
  readonly inFolder: boolean;
  /** Whether the private key can be put into it (`--with-key`). */
  readonly canHoldKey: boolean;
  /** `run`: the tests of this repository run it against the local authority; `checked`: they only parse it. */
  readonly proof: 'run' | 'checked';
  /** By what: `newman 6.2.2`, `a grammar of PowerShell`. */
  readonly provenBy: string;
  readonly load: () => Promise<{ readonly format: ExportFormat }>;
}
