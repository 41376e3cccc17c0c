import { createHash } from 'node:crypto';

/** So many texts are remembered; one more, and the oldest may be said again. */
const longestMemory = 100;

/**
 * Remembers what was said already. What texts there are is up to others, an operator's filters say,
 * so neither their number nor their length adds up.
 */
export class SaidOnce {
  private readonly said = new Set<string>();

  /** Whether this is the first time; from here on it is not. */
  isNew(text: string): boolean {
    const digest = createHash('sha256').update(text).digest('base64');
    if (this.said.has(digest)) return false;
    this.said.add(digest);
    if (this.said.size > longestMemory) {
      const [oldest] = this.said;
      this.said.delete(oldest as string);
    }
    return true;
  }
}
