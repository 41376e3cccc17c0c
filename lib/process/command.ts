/** One subcommand of the command line; its module exports it as `command`. */
export interface Command {
  /** What `--help` prints on standard output, and wrong usage on standard error. */
  readonly usage: string;

  /**
   * Does the work.
   *
   * @param args What followed the subcommand's name
   * @returns the exit code of the process
   * @throws {UsageError} when the arguments are not right
   */
  run(args: readonly string[]): Promise<number>;
}

/** The arguments are not right: the command line says why, prints the usage and ends with code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
