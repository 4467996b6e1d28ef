import type { Certificate, Credential } from '@certgrant/core';
import type { Pause } from './engine.ts';
import type { RotationState } from './state.ts';

/** How a rotation is to go; taken from the command line of each run, not from the state. */
export interface RotationSettings {
  /** How long both keys stay registered, in milliseconds. */
  readonly overlap: number;
  /** How long the new certificate may take to be accepted, in milliseconds. */
  readonly patience: number;
  /** Of the application, where it may not look that up itself. */
  readonly objectId: string | undefined;
  /** Of the key credential of the current certificate, where the application may not look that up itself. */
  readonly keyId: string | undefined;
  /** A command line for the shell. */
  readonly hook: string | undefined;
}

/** The credential in one of the files. */
export interface HeldKey {
  readonly credential: Credential;
  /** Of its certificate: SHA-1 in upper-case hexadecimal. */
  readonly thumbprint: string;
}

/** A key credential of the application. */
export interface RegisteredKey {
  readonly keyId: string;
  readonly thumbprint: string | undefined;
}

/** The key files that a rotation reads and writes. */
export interface RotationFiles {
  /** @throws {CertgrantError} what reading a key file throws */
  current(): Promise<HeldKey>;
  /** `undefined` where there is no such file. */
  next(): Promise<HeldKey | undefined>;
  previous(): Promise<HeldKey | undefined>;
  /** Makes the next file; or it says what has to happen first. */
  makeNext(state: RotationState): Promise<Pause | undefined>;
  /** Keeps the current file aside, then puts the next one in its place in one step. */
  switch(): Promise<void>;
  /** Puts the one that was kept aside back into its place. */
  restore(): Promise<void>;
  discardNext(): Promise<void>;
}

/** What a rotation asks of Entra ID and Graph, each time as the holder of a key. */
export interface RotationServer {
  /** Gets a new token with a key: the proof that the key is accepted. */
  requestToken(by: Credential): Promise<void>;
  /** @returns `undefined` where the application may not read itself */
  findObjectId(by: Credential): Promise<string | undefined>;
  /** @returns `undefined` where the application may not read itself */
  listKeys(objectId: string, by: Credential): Promise<readonly RegisteredKey[] | undefined>;
  /** @returns the key id that the server gave it */
  addKey(
    objectId: string,
    key: { readonly certificate: Certificate; readonly keyId: string },
    by: Credential,
  ): Promise<string>;
  removeKey(objectId: string, keyId: string, by: Credential): Promise<void>;
}

/** All that the steps of a rotation reach. */
export interface World {
  readonly settings: RotationSettings;
  readonly files: RotationFiles;
  readonly server: RotationServer;
  now(): number;
  /** Resolves after so many milliseconds, or rejects when the command is interrupted. */
  delay(milliseconds: number): Promise<void>;
  runHook(state: RotationState): Promise<void>;
}
