import type { Certificate } from '../certificate/certificate.ts';

/** How probable a cause is: `certain` where the evidence proves it. */
export type Likelihood = 'certain' | 'likely' | 'possible' | 'unlikely';

/** One reason for which a server answers with an error. */
export interface ExplainedCause {
  /** Stable, for programs: `thumbprint-is-hex-text`. */
  readonly id: string;
  readonly likelihood: Likelihood;
  /** What is wrong: a whole sentence without a final period. */
  readonly why: string;
  /** What to do about it: a whole sentence without a final period. */
  readonly fix: string;
  /** What speaks for or against it in this very case, in words; empty where nothing but the code is known. */
  readonly evidence: readonly string[];
}

/** What the text around a code tells. Every member is what the text says, made printable; nothing of it is a secret. */
export interface ErrorFacts {
  /** What the server said, on one line; tokens and secrets in it are masked. */
  readonly message?: string;
  /** The OAuth error beside the code (RFC 6749 §5.2). */
  readonly error?: string;
  /** The thumbprint of the key that the client used, in upper-case hexadecimal. */
  readonly thumbprint?: string;
  readonly applicationId?: string;
  /** A directory's id or domain name. */
  readonly tenant?: string;
  readonly resource?: string;
  readonly scope?: string;
  /** From when to when the key is valid that the server found, in ISO 8601. */
  readonly keyStart?: string;
  readonly keyEnd?: string;
  /** The server's clock when it answered, in ISO 8601. */
  readonly serverTime?: string;
  /** The time range of the assertion, in ISO 8601; `validFrom` is absent where the assertion states no beginning. */
  readonly validFrom?: string;
  readonly validUntil?: string;
  /** How the server's clock stands to that range or to this machine's clock, in words. */
  readonly clockSkew?: string;
  readonly correlationId?: string;
  readonly traceId?: string;
  /** When the server says it was, as it writes it. */
  readonly timestamp?: string;
  /** Known codes that differ from an unknown one in one digit or in two swapped ones. */
  readonly similarCodes?: readonly string[];
  /** How often it stands in the text, where that is more than once. */
  readonly occurrences?: number;
}

/** What an error means, why it comes about and what to do. */
export interface Explanation {
  /** As people search for it: `AADSTS700027`, `invalid_client`, `Authentication_MissingOrMalformed`. */
  readonly code: string;
  /** Whether the catalogue has the code. */
  readonly known: boolean;
  /** What it means in a few words, without a final period. */
  readonly title: string;
  /** What it means in a sentence or two. */
  readonly meaning: string;
  /** The most likely one first; those that the evidence rules out are left out. Empty for an unknown code. */
  readonly causes: readonly ExplainedCause[];
  readonly facts: ErrorFacts;
  /** Addresses where this can be read. */
  readonly sources: readonly string[];
}

/** What else is known about the failure, beside the text. */
export interface ExplainEvidence {
  /** The client assertion, or the proof of possession, that was sent, in compact serialization, or a text with it inside. */
  readonly assertion?: string | undefined;
  /** The certificate that the client used or should have used. */
  readonly certificate?: Certificate | undefined;
  /** The client's clock when the answer came, in milliseconds since 1970; only for an answer that has just come. */
  readonly localTime?: number | undefined;
  /** The object id that the request to Graph named, of which a proof of possession has to speak. */
  readonly objectId?: string | undefined;
}
