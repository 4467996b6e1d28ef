import { resolve } from 'node:path';
import { CertgrantError } from '@certgrant/core';
import { readInputFile } from '@certgrant/core/node';
import type { Io } from './io.ts';

/**
 * Reads what an option names: a path, `-` for standard input, or `env:NAME` for an environment variable.
 *
 * @param option the option's name, for messages
 */
export async function readSource(source: string, option: string, io: Io): Promise<Uint8Array> {
  if (source === '-') {
    const bytes = await readStdinOnce(io);
    if (bytes.length > 0) return bytes;
    throw new CertgrantError('FILE_EMPTY', 'read standard input: it is empty', {
      fix: `Pipe the file into certgrant, or give its path to ${option}`,
    });
  }
  if (source.startsWith('env:')) return readVariable(source.slice('env:'.length), option, io);
  // Not repeated as a path that is not there: people write their PIN into such a URI.
  if (isPkcs11Uri(source)) {
    throw new CertgrantError('USAGE', `${option}: this command reads files, and that is a pkcs11: URI`, {
      fix: 'Give the certificate as a file; keys on tokens are for commands that sign: assertion, token',
    });
  }
  return readInputFile(resolve(io.cwd, source));
}

/** As core's function of this name, which would have every command load what few need. */
export function isPkcs11Uri(source: string): boolean {
  return source.slice(0, 'pkcs11:'.length).toLowerCase() === 'pkcs11:';
}

/** As {@link readSource}, for text: UTF-8, or the UTF-16 with a byte order mark that Windows PowerShell writes with `>`. */
export async function readTextSource(source: string, option: string, io: Io): Promise<string> {
  const bytes = await readSource(source, option, io);
  return new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(bytes);
}

/**
 * As {@link readTextSource}, for a text of any length that need not be kept whole: a log. Of a file the text is one piece;
 * standard input comes as it arrives.
 */
export function textPieces(source: string, option: string, io: Io): AsyncIterable<string> {
  if (source !== '-') return onePiece(source, option, io);
  claimStdin(io);
  return decoded(io.stdinPieces());
}

async function* onePiece(source: string, option: string, io: Io): AsyncGenerator<string> {
  yield await readTextSource(source, option, io);
}

async function* decoded(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const piece of pieces) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

/** Two options cannot both be standard input: the second one would find it empty. */
const read = new WeakSet<Io>();

async function readStdinOnce(io: Io): Promise<Uint8Array> {
  claimStdin(io);
  return io.readStdin();
}

function claimStdin(io: Io): void {
  if (read.has(io)) {
    throw new CertgrantError('USAGE', 'read standard input: two options ask for it', {
      fix: 'Give one of them as a path or as env:NAME',
    });
  }
  read.add(io);
}

function readVariable(name: string, option: string, io: Io): Uint8Array {
  const value = io.env[name];
  if (value === undefined || value === '') {
    throw new CertgrantError('FILE_NOT_FOUND', `read environment variable ${name}: it is not set`, {
      fix: `Set ${name}, or give ${option} a path`,
    });
  }
  return new TextEncoder().encode(value);
}
