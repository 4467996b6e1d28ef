import { dirname, join } from 'node:path';
import { runProgram } from '../../interop/support/program.ts';

/** Compiles an exported C program as its first lines say, and takes every warning for an error; the path of the program. */
export async function compileC(file: string, ...more: readonly string[]): Promise<string> {
  const program = join(dirname(file), 'token');
  const flags = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-O2', '-g', ...more];
  const { code, stderr } = await runProgram('gcc', [...flags, '-o', program, file, '-lcurl', '-lcrypto']);
  if (code !== 0 || stderr !== '') throw new Error(`gcc ended with ${code}:\n${stderr}`);
  return program;
}
