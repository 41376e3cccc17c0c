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

/** Whether a line holds one of the filters (`logFilter`). */
export function dropsLine(filters: readonly string[], line: string): boolean {
  return filters.some((filter) => filter !== '' && line.includes(filter));
}
