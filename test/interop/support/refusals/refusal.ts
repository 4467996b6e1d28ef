import { assertionOf, change, type Draft, type Members, type Scene } from './scene.ts';

/** A mistake, the refusal that it leads to, and what certgrant must make of that. */
export interface Refusal {
  readonly name: string;
  /** Makes the mistake. */
  readonly request: (scene: Scene) => Draft | Promise<Draft>;
  /** The AADSTS number of the answer. */
  readonly code: number;
  /** The cause that `explain` must name first, from the answer alone. */
  readonly cause: string;
  /** Whether the answer proves it. */
  readonly proven?: true;
  /**
   * What `decode` says of the assertion. By default the same; another cause where the assertion tells more than the answer;
   * `nothing` where the assertion has no fault, or one that only the authority knows; `no-token` where there is no JWT in
   * it to decode.
   */
  readonly decoded?: string;
  /** Which certificate `decode` is given: by default that of the key that signed. */
  readonly registered?: (scene: Scene) => Scene['daemon'];
  /** The same mistake in the settings of a client library: what differs from those that the draft has. */
  readonly settings?: (scene: Scene) => ClientSettings;
  /** Whether MSAL Node alone has these settings. */
  readonly nodeOnly?: boolean;
  readonly strict?: boolean;
}

/** How a client library is set up. */
export interface ClientSettings {
  /** Whose thumbprint is sent: by default that of the key that signs. */
  readonly thumbprintOf?: Scene['daemon'];
  /** The thumbprints as MSAL Node takes them. */
  readonly prints?: { readonly thumbprint?: string; readonly thumbprintSha256?: string };
}

/** For a mistake that the draft's signer, client id and scope are all of. */
export const draftAlone = (): ClientSettings => ({});

export const withHeader =
  (changes: Members) =>
  ({ granted }: Scene): Draft => ({ ...granted, header: change(granted.header, changes) });

export const withClaims =
  (changes: Members) =>
  ({ granted }: Scene): Draft => ({ ...granted, claims: change(granted.claims, changes) });

export const withForm =
  (changes: Draft['form']) =>
  ({ granted }: Scene): Draft => ({ ...granted, form: { ...granted.form, ...changes } });

export const withPath =
  (path: string) =>
  ({ granted }: Scene): Draft => ({ ...granted, path });

/** Changes the assertion after it was signed. */
export const withAssertion =
  (make: (text: string, draft: Draft) => string) =>
  ({ granted }: Scene): Draft => ({ ...granted, assertion: make(assertionOf(granted), granted) });
