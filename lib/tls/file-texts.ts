import { forgetStamps, isSettled, type FileStamp } from './file-digests.js';

interface Text {
  readonly text: string;
  readonly stamp: string;
  readonly change: number;
  /** Whether a write since would have shown by another stamp. */
  readonly isProven: boolean;
}

/**
 * What was read a moment ago. A change is looked for, parsed, and known by its digest, for several servers
 * perhaps: were the file read for each of these, they could even come upon different bytes.
 */
const texts = new Map<string, Text>();

/** As long as an `apply` may take between the look and the change; a key is not kept without need. */
const momentMs = 5_000;

let change = 0;

/**
 * A change, or a start, begins. A file that was written just before it was read may have been written once
 * more within the same time stamp: what was read of it holds for one change, and is read anew for the next.
 */
export function beginChange(): void {
  change += 1;
  forgetStamps();
}

/** The text of a file as it was read before, if that is what it holds. */
export function knownText(path: string, { stamp }: FileStamp): string | undefined {
  const known = texts.get(path);
  if (known?.stamp !== stamp) return undefined;
  return known.isProven || known.change === change ? known.text : undefined;
}

/** Whether what was read of a file a moment ago may be less than what was written by then. */
export function isUnproven(path: string): boolean {
  return texts.get(path)?.isProven === false;
}

/** @param found What it was stamped with before it was read */
export function rememberText(path: string, found: FileStamp, text: string): void {
  const known = { text, stamp: found.stamp, change, isProven: isSettled(found) };
  texts.set(path, known);
  const forget = (): void => {
    if (texts.get(path) === known) texts.delete(path);
  };
  setTimeout(forget, momentMs).unref();
}
