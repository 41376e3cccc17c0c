import { messageOf, printable } from '../../errors/printable.js';
import { deliver, guarded } from '../deliver.js';
import type { PoolLogger } from './pool-logger.js';

type Level = 'log' | 'warn' | 'error';

/** Loggers of which it was told that they fail. */
const known = new WeakSet<PoolLogger>();

/**
 * Hands a line to a logger of the user's. What the logger does has no effect on who logs: when it
 * throws, or its promise rejects, the process is warned of it, once for each logger.
 */
export function logTo(logger: PoolLogger, level: Level, text: string, stack?: string): void {
  const write = (): unknown => {
    if (level === 'error' && stack !== undefined) return logger.error(text, stack);
    return logger[level](text);
  };
  guarded(write, (error) => warnOf(logger, error));
}

/** As {@link logTo}, in its turn: what the logger calls itself finds no half-made state. */
export function logLater(logger: PoolLogger, level: Level, text: string, stack?: string): void {
  deliver(() => logTo(logger, level, text, stack));
}

/** The same logger for who can't use {@link logTo}: what it does has no effect either. */
export function guardedLogger(logger: PoolLogger): PoolLogger {
  return {
    log: (text) => logTo(logger, 'log', text),
    warn: (text) => logTo(logger, 'warn', text),
    error: (text, stack) => logTo(logger, 'error', text, stack),
  };
}

function warnOf(logger: PoolLogger, error: unknown): void {
  if (known.has(logger)) return;
  known.add(logger);
  process.emitWarning(
    `The logger of an HTTP pool failed, its lines are lost: ${printable(messageOf(error))}`,
    {
      code: 'HTTP_POOL_LOGGER',
    },
  );
}
