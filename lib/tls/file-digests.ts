import { statSync } from 'node:fs';

/** What changes with every write, rename and swap of a link, without the file being read. */
export interface FileStamp {
  readonly stamp: string;
  readonly changedMs: number;
}

/** A file, and its stamp before it was read; undefined where there was none. */
export interface StampedFile {
  readonly path: string;
  readonly stamp: string | undefined;
}

interface Known {
  readonly stamp: string;
  readonly digest: string;
}

/**
 * A file that was changed so shortly before it was read may change again without a new time stamp:
 * the kernel counts them in ticks.
 */
export const settledMs = 100;

/** More paths than that are a config that changes all the time; then the oldest are read anew. */
const maxPaths = 10_000;

const known = new Map<string, Known>();

/** The digest of a file as it was read, if it is still the same file and was not touched since. */
export function knownDigest(path: string): string | undefined {
  const entry = known.get(path);
  if (entry === undefined) return undefined;
  if (stampOf(path)?.stamp === entry.stamp) return entry.digest;
  known.delete(path);
  return undefined;
}

/** @param found What it was stamped with before it was read */
export function rememberDigest(path: string, found: FileStamp, digest: string): void {
  if (!isSettled(found)) return;
  if (known.size >= maxPaths) known.delete(known.keys().next().value as string);
  known.set(path, { stamp: found.stamp, digest });
}

/** Whether a change from now on shows by another stamp; of no file, that there is one would. */
export function isSettled(found: FileStamp | undefined): boolean {
  return found === undefined || Math.abs(Date.now() - found.changedMs) >= settledMs;
}

/** As it is now. */
export function stamped(path: string): StampedFile {
  return { path, stamp: stampOf(path)?.stamp };
}

/** What was asked of the system in this turn: a change asks of one file for each server that has it. */
let asked: Map<string, FileStamp | undefined> | undefined;

/** From here on files are looked at anew. */
export function forgetStamps(): void {
  asked = undefined;
}

/** Undefined where there is no such file. In one turn, and for one change, a file is looked at once. */
export function stampOf(path: string): FileStamp | undefined {
  if (asked === undefined) {
    asked = new Map();
    setImmediate(forgetStamps);
  }
  if (!asked.has(path)) asked.set(path, lookAt(path));
  return asked.get(path);
}

function lookAt(path: string): FileStamp | undefined {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = stat;
    return { stamp: [dev, ino, size, mtimeNs, ctimeNs].join(), changedMs: Number(ctimeMs) };
  } catch {
    return undefined;
  }
}
