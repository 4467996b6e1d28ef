import { CertgrantError } from '../../errors.ts';
import { systemCode } from '../file-error.ts';

/** A handle of PKCS#11: a CK_ULONG as the machine stores it. */
export type Handle = Buffer;

/** One attribute of an object, as pkcs11js takes it (with a value) and fills it in (without one). */
export interface AttributeValue {
  readonly type: number;
  readonly value?: number | boolean | string | Buffer;
}

export interface MechanismValue {
  readonly mechanism: number;
  readonly parameter?: {
    readonly type: number;
    readonly hashAlg: number;
    readonly mgf: number;
    readonly saltLen: number;
  };
}

interface Version {
  readonly major: number;
  readonly minor: number;
}

/** CK_INFO; texts are padded with spaces. */
export interface LibraryInfo {
  readonly manufacturerID: string;
  readonly libraryDescription: string;
  readonly libraryVersion: Version;
}

export interface SlotInfo {
  readonly slotDescription: string;
  readonly manufacturerID: string;
}

export interface TokenInfo {
  readonly label: string;
  readonly manufacturerID: string;
  readonly model: string;
  readonly serialNumber: string;
  readonly flags: number;
}

/** What certgrant uses of pkcs11js's class PKCS11: one loaded module. */
export interface Cryptoki {
  load(path: string): void;
  C_Initialize(options?: { readonly flags: number }): void;
  C_Finalize(): void;
  C_GetInfo(): LibraryInfo;
  C_GetSlotList(tokenPresent: boolean): Handle[];
  C_GetSlotInfo(slot: Handle): SlotInfo;
  C_GetTokenInfo(slot: Handle): TokenInfo;
  C_GetMechanismList(slot: Handle): number[];
  C_OpenSession(slot: Handle, flags: number): Handle;
  C_CloseSession(session: Handle): void;
  C_GetSessionInfo(session: Handle): { readonly state: number };
  C_Login(session: Handle, userType: number, pin: string): void;
  C_FindObjectsInit(session: Handle, template: AttributeValue[]): void;
  C_FindObjects(session: Handle, maximum: number): Handle[];
  C_FindObjectsFinal(session: Handle): void;
  C_GetAttributeValue(
    session: Handle,
    object: Handle,
    template: AttributeValue[],
  ): readonly { readonly value?: Buffer | undefined }[];
  C_SignInit(session: Handle, mechanism: MechanismValue, key: Handle): void;
  C_Sign(session: Handle, data: Buffer, signature: Buffer): Buffer;
  C_SignAsync(session: Handle, data: Buffer, signature: Buffer): Promise<Buffer>;
}

/** The package pkcs11js, version 2. */
export interface Pkcs11Js {
  readonly PKCS11: new () => Cryptoki;
}

/** Not written out in the import: bundlers would look for a package that most people do not have. */
const packageName = 'pkcs11js';

/**
 * Loads pkcs11js from where it was installed beside this code.
 *
 * @throws {CertgrantError} `KEY_STORE_UNAVAILABLE`
 */
export async function loadPkcs11Js(): Promise<Pkcs11Js> {
  let loaded: unknown;
  try {
    loaded = await import(/* @vite-ignore */ packageName);
  } catch (thrown) {
    throw cannotLoad(thrown);
  }
  // A CommonJS package: Node finds some of its names only in `default`.
  const found = [loaded, memberOf(loaded, 'default')].find(isPkcs11Js);
  if (found !== undefined) return found;
  throw new CertgrantError('KEY_STORE_UNAVAILABLE', 'load pkcs11js: it is of a version that certgrant does not know', {
    fix: 'Install version 2: npm install pkcs11js@2',
  });
}

function isPkcs11Js(module: unknown): module is Pkcs11Js {
  return typeof memberOf(module, 'PKCS11') === 'function';
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function cannotLoad(cause: unknown): CertgrantError {
  const message = cause instanceof Error ? cause.message : '';
  const code = systemCode(cause);
  // Only its native part is a file of this kind. Each runtime and bundler has words of its own for a missing package.
  if (code !== 'ERR_DLOPEN_FAILED' && !message.includes('.node')) {
    return new CertgrantError('KEY_STORE_UNAVAILABLE', 'load pkcs11js: the package is not installed', {
      fix: 'Install it where certgrant is installed: npm install pkcs11js, with --global where certgrant is global; it compiles a native part and needs a C++ compiler, make and Python for that',
      cause,
    });
  }
  const problem = code === 'MODULE_NOT_FOUND' ? 'has not been compiled' : 'does not load in this Node';
  return new CertgrantError('KEY_STORE_UNAVAILABLE', `load pkcs11js: its native part ${problem}`, {
    fix: 'Run npm rebuild pkcs11js where it is installed; that needs a C++ compiler, make and Python, and npm has to run its install script',
    cause,
  });
}
