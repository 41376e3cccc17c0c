import { MAX_UNIX_PATH_BYTES } from '../../config/address/bind-path.js';
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync, statSync, watch, type FSWatcher } from 'node:fs';
import type { Server } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { once } from 'node:events';
import { link, StaleFile } from './stale-file.js';
import { tryConnect } from './try-connect.js';
import { workerHost } from './worker-host.js';

/**
 * The file of a listening unix socket. It is bound under another name and then gets its own: so a
 * stale file is replaced at once, of two who start at once one gets it, and the name that the system
 * removes when the socket closes is not the one where a newer server may listen by then.
 */
export class UnixSocketFile {
  private watcher: FSWatcher | undefined;

  private constructor(
    readonly path: string,
    private readonly inode: number | undefined,
    /** Made and removed by the process that holds the socket for this one. */
    private readonly isShared = false,
  ) {}

  /**
   * Listens on a path that is free, or that a dead process has left.
   *
   * @throws the `EADDRINUSE` of a path that is in use
   */
  static async listen(server: Server, path: string): Promise<UnixSocketFile> {
    const host = workerHost();
    const shared = host && (await host.reserve({ path }));
    if (shared && 'path' in shared) {
      server.listen({ path: shared.path });
      await once(server, 'listening');
      return new UnixSocketFile(path, inodeOf(path), true);
    }
    const folder = dirname(path);
    const temporaryPath = join(folder, `.${randomBytes(3).toString('hex')}`);
    const stale = await lookAt(path);
    if (Buffer.byteLength(temporaryPath) > MAX_UNIX_PATH_BYTES) {
      return UnixSocketFile.listenInPlace(server, path, stale);
    }
    server.listen({ path: temporaryPath });
    await once(server, 'listening');
    try {
      const inode = inodeOf(temporaryPath);
      await claim(path, temporaryPath, stale);
      return new UnixSocketFile(path, inode);
    } catch (error) {
      // The system removes the file with it, under the name it was bound to.
      server.close();
      throw error;
    }
  }

  /** Where there is no room for another name, the system's own way has to do. */
  private static async listenInPlace(
    server: Server,
    path: string,
    found: StaleFile | undefined,
  ): Promise<UnixSocketFile> {
    const replace = (): void => {
      rmSync(path, { force: true });
      server.listen({ path });
    };
    let stale = found;
    while (stale !== undefined && !stale.replace(replace)) stale = await lookAt(path);
    if (stale === undefined) server.listen({ path });
    await once(server, 'listening');
    return new UnixSocketFile(path, inodeOf(path));
  }

  /** Tells once when the file is no longer this socket's: nobody can connect any more. */
  onLost(tell: (error: Error) => void): void {
    const name = basename(this.path);
    // Without a watch (the system limits them) the loss goes unnoticed; the socket itself is as good.
    try {
      this.watcher = watch(dirname(this.path), { persistent: false }, (_event, changed) => {
        if (changed !== name || this.isReachable()) return;
        this.unwatch();
        tell(new Error(`its socket file '${this.path}' was removed or replaced`));
      });
    } catch {
      return;
    }
    this.watcher.on('error', () => this.unwatch());
  }

  /** Removes the file, unless another server has put its own there. */
  remove(): void {
    this.unwatch();
    if (!this.isShared && this.isOurs()) rmSync(this.path, { force: true });
  }

  private unwatch(): void {
    this.watcher?.close();
    this.watcher = undefined;
  }

  /** Whether clients find this socket by the path. */
  isReachable(): boolean {
    try {
      return this.isOurs();
    } catch {
      return false;
    }
  }

  private isOurs(): boolean {
    return this.inode !== undefined && inodeOf(this.path) === this.inode;
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/**
 * Gives a bound socket its name. Two who have found a path free, or the same stale file there, come at
 * once: one gets it, and for the other it is in use by then.
 *
 * @param found What is at the path and may be replaced
 */
async function claim(
  path: string,
  temporaryPath: string,
  found: StaleFile | undefined,
): Promise<void> {
  const replace = (): void => renameSync(temporaryPath, path);
  for (let stale = found; ; stale = await lookAt(path)) {
    const linked = link(temporaryPath, path);
    if (linked === 'made') return rmSync(temporaryPath, { force: true });
    if (linked === 'none') throw removed(temporaryPath);
    if (stale?.replace(replace)) return;
    if (linked === 'unsupported' && stale === undefined && !existsSync(path)) return replace();
  }
}

/**
 * What a dead process has left at a path, undefined when there is nothing. A file that nobody listens
 * on refuses; one that is no socket at all is not ours to remove.
 *
 * @throws the `EADDRINUSE` of a path that is in use
 */
async function lookAt(path: string): Promise<StaleFile | undefined> {
  const file = StaleFile.at(path);
  if (file && (!file.isSocket || (await answers(path)))) throw inUse(path);
  return file;
}

/** What can't be asked, for want of permission say, is taken to be in use. */
async function answers(path: string): Promise<boolean> {
  const fault = await tryConnect({ path });
  return fault !== 'ECONNREFUSED' && fault !== 'ENOENT';
}

function removed(path: string): NodeJS.ErrnoException {
  const error = new Error(`ENOENT: the socket file was removed while it got its name, '${path}'`);
  return Object.assign(error, { code: 'ENOENT', syscall: 'link', path });
}

function inUse(path: string): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`listen EADDRINUSE: address in use ${path}`);
  return Object.assign(error, { code: 'EADDRINUSE', syscall: 'listen', address: path });
}
