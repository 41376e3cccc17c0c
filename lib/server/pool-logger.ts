/** Where the library logs; Nest's `Logger` and `console`-like objects fit. */
export interface PoolLogger {
  log(message: string): void;
  warn(message: string): void;
  error(message: string, stack?: string): void;
  debug?(message: string): void;
}

/** Logs nothing: the default outside Nest. */
export const silentLogger: PoolLogger = {
  log: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Drops each line that holds one of the filters (`logFilter`). */
export class FilteredLogger implements PoolLogger {
  constructor(
    private readonly target: PoolLogger,
    private readonly filters: () => readonly string[],
  ) {}

  log(message: string): void {
    if (this.passes(message)) this.target.log(message);
  }

  warn(message: string): void {
    if (this.passes(message)) this.target.warn(message);
  }

  error(message: string, stack?: string): void {
    if (this.passes(message)) this.target.error(message, stack);
  }

  private passes(message: string): boolean {
    return !this.filters().some((filter) => filter !== '' && message.includes(filter));
  }
}
