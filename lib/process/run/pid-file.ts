import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** The process id of the supervisor, for those who send it signals; there while it serves. */
export class PidFile {
  private isSettled = false;

  constructor(private readonly path: string) {}

  /**
   * Once: what others make of the file later is theirs.
   *
   * @throws the error of the system
   */
  write(): void {
    if (this.isSettled) return;
    const { pid } = process;
    const temporaryPath = `${this.path}.${pid}`;
    try {
      // Nobody may read half a number.
      writeFileSync(temporaryPath, `${pid}\n`);
      renameSync(temporaryPath, this.path);
      this.isSettled = true;
    } finally {
      rmSync(temporaryPath, { force: true });
    }
  }

  /** Leaves the file of another process alone. */
  remove(): void {
    this.isSettled = true;
    try {
      if (readFileSync(this.path, 'utf8').trim() === String(process.pid)) rmSync(this.path);
    } catch {
      // It is gone already.
    }
  }
}
