import type { LoggerService } from '@nestjs/common';

/** A logger of an application that keeps what it is told. */
export class Logs implements LoggerService {
  private readonly kept: { level: string; context: string; text: string }[] = [];

  log = this.keeping('log');
  warn = this.keeping('warn');
  error = this.keeping('error');
  debug = this.keeping('debug');
  verbose = this.keeping('verbose');

  /** The texts of a context, and of a level where one is given. */
  lines(context: string, level?: string): string[] {
    return this.kept
      .filter((one) => one.context === context && (level === undefined || one.level === level))
      .map(({ text }) => text);
  }

  private keeping(level: string) {
    return (message: unknown, ...rest: unknown[]): void => {
      this.kept.push({ level, context: String(rest.at(-1)), text: String(message) });
    };
  }
}
