import { printableLines } from '../../errors/printable.js';

/** What the supervisor tells, on standard error: standard output is the application's. */
export class SupervisorLog {
  constructor(private readonly write: (line: string) => void) {}

  info(text: string): void {
    this.line(text);
  }

  warn(text: string): void {
    this.line(`warning: ${text}`);
  }

  error(text: string): void {
    this.line(`error: ${text}`);
  }

  /** What a worker failed with may have several lines. */
  private line(text: string): void {
    this.write(`[nestjs-http-pool] ${printableLines(text)}\n`);
  }
}
