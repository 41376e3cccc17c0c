import { lstatSync, readlinkSync, watch, type FSWatcher } from 'node:fs';
import { dirname, parse, resolve, sep } from 'node:path';
import { isSettled, settledMs, stampOf, stamped, type StampedFile } from './file-digests.js';

/** Writers make several events of one change: it is looked when they have come to rest. */
const restMs = settledMs + 20;

/**
 * What could change again under the same stamp is read for each server that has the file, so it is waited until what is
 * read holds for all of them: other files of the folder may have begun the rest. So often, for a file may be written
 * all the time.
 */
const mostMoreRests = 3;

/** A change that makes no event, on a network file system, say, is seen by a look now and then. */
const lookMs = 5000;

/** Where the system can't watch a folder, a look has to do. */
const lookWithoutWatchMs = 500;

/** As the system has it; a loop of links is longer. */
const maxLinks = 40;

/**
 * Tells when one of some files has become another one: by a write, by a rename, or because a link on
 * the way to it leads elsewhere, as Kubernetes swaps `..data` of a mounted secret. The folders of the
 * links are watched, and not what they point at alone: so it goes on after the first change. Keeps no
 * process alive.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/volume/util/atomic_writer.go
 */
export class FileWatch {
  private readonly watchers = new Map<string, FSWatcher>();
  private readonly paths: readonly string[];
  private stamps: string;
  private resting: NodeJS.Timeout | undefined;
  private looking: NodeJS.Timeout | undefined;
  private isBlind = false;
  private moreRests = 0;

  /** @param files As they were read: a change since is one to be told of, too */
  constructor(
    files: readonly StampedFile[],
    private readonly changed: () => void,
  ) {
    this.paths = files.map(({ path }) => path);
    this.stamps = joinStamps(files);
    this.watchFolders();
    if (this.readStamps() !== this.stamps) this.lookSoon();
    this.lookLater();
  }

  close(): void {
    clearTimeout(this.resting);
    clearTimeout(this.looking);
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }

  private look(): void {
    const stamps = this.readStamps();
    const isNews = stamps !== this.stamps;
    if (isNews && this.moreRests < mostMoreRests && !this.areSettled()) {
      this.moreRests += 1;
      return this.lookSoon();
    }
    this.moreRests = 0;
    if (!isNews) return;
    this.stamps = stamps;
    this.watchFolders();
    this.changed();
  }

  private lookLater(): void {
    this.looking = setTimeout(
      () => {
        // A folder that was away when it was to be watched may be there again.
        this.watchFolders();
        this.lookLater();
        this.look();
      },
      this.isBlind ? lookWithoutWatchMs : lookMs,
    ).unref();
  }

  private lookSoon(): void {
    this.resting ??= setTimeout(() => {
      this.resting = undefined;
      this.watchFolders();
      this.look();
    }, restMs).unref();
  }

  private readStamps(): string {
    return joinStamps(this.paths.map(stamped));
  }

  private areSettled(): boolean {
    return this.paths.every((path) => isSettled(stampOf(path)));
  }

  private watchFolders(): void {
    const folders = new Map(this.paths.flatMap(foldersOf));
    for (const [key, watcher] of this.watchers) {
      if (folders.has(key)) continue;
      watcher.close();
      this.watchers.delete(key);
    }
    this.isBlind = false;
    for (const [key, folder] of folders) this.watchFolder(key, folder);
  }

  private watchFolder(key: string, folder: string): void {
    if (this.watchers.has(key)) return;
    try {
      const watcher = watch(folder, { persistent: false }, () => this.lookSoon());
      const fail = (): void => {
        watcher.close();
        this.watchers.delete(key);
        this.isBlind = true;
      };
      watcher.on('error', fail);
      this.watchers.set(key, watcher);
    } catch {
      this.isBlind = true;
    }
  }
}

function joinStamps(files: readonly StampedFile[]): string {
  return files.map(({ stamp = 'none' }) => stamp).join(' ');
}

/**
 * The folders in which something may happen that makes a path another file: its own, the one above, and
 * that of each link on the way. Under a key that tells a folder from another one which was put in its place.
 */
function foldersOf(path: string): [key: string, folder: string][] {
  const found = new Map<string, string>();
  const add = (folder: string): void => {
    const inode = stampOfFolder(folder);
    if (inode !== undefined) found.set(`${folder} ${inode}`, folder);
  };
  let links = 0;
  const follow = (file: string): void => {
    add(dirname(file));
    // Its folder may be removed, and made anew.
    add(dirname(dirname(file)));
    const { root } = parse(file);
    let at = root;
    const parts = file.slice(root.length).split(sep);
    for (const [index, part] of parts.entries()) {
      at = resolve(at, part);
      const target = linkTarget(at);
      if (target === undefined || (links += 1) > maxLinks) continue;
      add(dirname(at));
      return follow(resolve(dirname(at), target, ...parts.slice(index + 1)));
    }
  };
  follow(resolve(path));
  return [...found];
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}

function stampOfFolder(folder: string): string | undefined {
  try {
    const { ino, birthtimeMs } = lstatSync(folder);
    return `${ino} ${birthtimeMs}`;
  } catch {
    return undefined;
  }
}
