import { linkSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Much more than the two calls to the system take which a claim is held for. */
const abandonedMs = 1_000;

/**
 * A file as it was found at a path. One of all processes may replace it: between a look and a rename another
 * one may have come, whose live socket would be replaced. A second name can be made only once, and while the
 * file has one its number is given to no other.
 */
export class StaleFile {
  private constructor(
    private readonly path: string,
    readonly isSocket: boolean,
    private readonly inode: bigint,
    private readonly identity: string,
  ) {}

  /** Undefined when there is nothing. */
  static at(path: string): StaleFile | undefined {
    const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
    return stat && new StaleFile(path, stat.isSocket(), stat.ino, identityOf(stat));
  }

  /**
   * @param replace In one turn: it is not asked when another file is there by now
   * @returns Whether this one has done it. If not, what is there is to be looked at anew
   */
  replace(replace: () => void): boolean {
    const claim = join(dirname(this.path), `.${this.inode}.stale`);
    const linked = link(this.path, claim);
    if (linked === 'exists') forgetAbandoned(claim);
    if (linked === 'exists' || linked === 'none') return false;
    try {
      const claimed = linked === 'made' ? claim : this.path;
      if (StaleFile.at(claimed)?.identity !== this.identity) return false;
      replace();
      return true;
    } finally {
      rmSync(claim, { force: true });
    }
  }
}

/** The same for as long as it is the same file: the system uses the numbers again. A second name is no change. */
function identityOf({ ino, mtimeNs }: { ino: bigint; mtimeNs: bigint }): string {
  return `${ino} ${mtimeNs}`;
}

/** A process that ended amid its claim is not to keep the path from all others for ever. */
function forgetAbandoned(claim: string): void {
  const made = statSync(claim, { throwIfNoEntry: false });
  if (made === undefined || Math.abs(Date.now() - made.ctimeMs) < abandonedMs) return;
  rmSync(claim, { force: true });
}

const WITHOUT_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Gives a file a second name, unless it is gone, there is something of that name, or the file system knows none. */
export function link(from: string, to: string): 'made' | 'exists' | 'none' | 'unsupported' {
  try {
    linkSync(from, to);
    return 'made';
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return 'exists';
    if (code === 'ENOENT') return 'none';
    if (WITHOUT_LINKS.has(code)) return 'unsupported';
    throw error;
  }
}
