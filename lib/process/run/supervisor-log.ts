/** What the supervisor tells, on standard error: standard output is the application's. */
export class SupervisorLog {
  constructor(private readonly write: (line: string) => void) {}

  info(text: string): void {
    this.write(`[nestjs-http-pool] ${text}\n`);
  }

  warn(text: string): void {
    this.write(`[nestjs-http-pool] warning: ${text}\n`);
  }

  error(text: string): void {
    this.write(`[nestjs-http-pool] error: ${text}\n`);
  }
}
