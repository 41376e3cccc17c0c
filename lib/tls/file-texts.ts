import { isSettled, type FileStamp } from './file-digests.js';

interface Text {
  readonly text: string;
  readonly stamp: string;
  readonly pass: number;
  /** Whether a change would have shown by another stamp. */
  readonly isSettled: boolean;
}

/**
 * What was read a moment ago. A change is looked for, parsed, and known by its digest, for several servers
 * perhaps: were the file read for each of these, they could even come upon different bytes.
 */
const texts = new Map<string, Text>();

/** As long as an `apply` may take between the look and the change; a key is not kept without need. */
const momentMs = 1000;

let pass = 0;
let isTogether = false;

/** What is read in here is read once, also of a file that was changed a moment ago. Runs at once. */
export function readTogether<T>(work: () => T): T {
  if (isTogether) return work();
  pass += 1;
  isTogether = true;
  try {
    return work();
  } finally {
    isTogether = false;
  }
}

/** The text of a file as it was read before, if that is what it holds. */
export function knownText(path: string, { stamp }: FileStamp): string | undefined {
  const known = texts.get(path);
  if (known?.stamp !== stamp) return undefined;
  return known.isSettled || (isTogether && known.pass === pass) ? known.text : undefined;
}

/** @param found What it was stamped with before it was read */
export function rememberText(path: string, found: FileStamp, text: string): void {
  if (texts.size === 0) setTimeout(() => texts.clear(), momentMs).unref();
  texts.set(path, { text, stamp: found.stamp, pass, isSettled: isSettled(found) });
}
