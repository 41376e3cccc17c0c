import { messageOf } from '../../errors/printable.js';
import type { ConfigIssue } from '../../errors/server.error.js';
import { CopyFault } from './copy-data.js';
import { quote, shownReason } from '../redact.js';

/** What was found while options were copied. */
export class CopyReport {
  readonly issues: ConfigIssue[] = [];
  /** Made when there is one: most configs have no defaults. */
  private inherited: Set<string> | undefined;

  /** Notes a fault. */
  fault(path: string, message: string): void {
    this.issues.push({ path, message });
  }

  /** What was found, and what the rules find elsewhere: a place has one fault at a time. */
  with(late: readonly ConfigIssue[]): ConfigIssue[] {
    const known = new Set(this.issues.map(({ path }) => path));
    return [...this.issues, ...late.filter(({ path }) => !known.has(path))];
  }

  /** Notes that the value at a path comes from the pool's defaults. */
  inherit(path: string): void {
    (this.inherited ??= new Set()).add(path);
  }

  /** Whether the value at a path, or one that holds it, comes from the pool's defaults. */
  isInherited(path: string): boolean {
    for (const start of this.inherited ?? []) {
      if (path.startsWith(start) && /^(?:$|[.[])/.test(path.slice(start.length))) return true;
    }
    return false;
  }

  /** The result of reading the user's objects, whose getters and proxies may throw. */
  guard<T>(path: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.fault(path || ROOT, unreadable(error));
      return undefined;
    }
  }
}

/** The key path of options that stand alone. */
export const ROOT = 'options';

/** What is said about a value whose reading threw. */
export function unreadable(error: unknown): string {
  if (error instanceof CopyFault) return error.message;
  const message = messageOf(error, () => '');
  if (message === '') return 'cannot be read';
  // A getter may have taken a key for a path.
  return `cannot be read: ${shownReason(message, quote)}`;
}
