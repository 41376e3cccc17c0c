import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** The process id of the supervisor, for those who send it signals; there while it serves. */
export class PidFile {
  constructor(private readonly path: string) {}

  /** @throws the error of the system */
  write(): void {
    const { pid } = process;
    const passing = `${this.path}.${pid}`;
    // Nobody may read half a number.
    writeFileSync(passing, `${pid}\n`);
    renameSync(passing, this.path);
  }

  /** Leaves the file of another process alone. */
  remove(): void {
    try {
      if (readFileSync(this.path, 'utf8').trim() === String(process.pid)) rmSync(this.path);
    } catch {
      // It is gone already.
    }
  }
}
