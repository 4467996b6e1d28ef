/** Why the directory does not do what it was asked for. */
export type DirectoryFault = 'not-found' | 'conflict' | 'invalid';

/** What the directory throws; who called it says it in the words of its own protocol. */
export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
  readonly fault: DirectoryFault;

  constructor(fault: DirectoryFault, message: string) {
    super(message);
    this.fault = fault;
  }
}
