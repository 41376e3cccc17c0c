import { MAX_UNIX_PATH_BYTES } from '../../config/address/bind-path.js';
import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, statSync, watch, type FSWatcher } from 'node:fs';
import { connect, type Server } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { once } from 'node:events';
import { workerHost } from './worker-host.js';

/**
 * The file of a listening unix socket. It is bound under another name and renamed: so a stale file
 * is replaced at once, and the name that the system removes when the socket closes is not the one
 * where a newer server may listen by then.
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
    if (await isAlive(path)) throw inUse(path);
    const folder = dirname(path);
    const passing = join(folder, `.${randomBytes(3).toString('hex')}`);
    // Where there is no room for another name, the system's own way has to do.
    const bound = Buffer.byteLength(passing) <= MAX_UNIX_PATH_BYTES ? passing : path;
    if (bound === path) rmSync(path, { force: true });
    server.listen({ path: bound });
    await once(server, 'listening');
    try {
      const inode = inodeOf(bound);
      if (bound !== path) renameSync(bound, path);
      return new UnixSocketFile(path, inode);
    } catch (error) {
      // The system removes the file with it, under the name it was bound to.
      server.close();
      throw error;
    }
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

/** A file that nobody listens on refuses; one that is no socket at all is not ours to remove. */
function isAlive(path: string): Promise<boolean> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return Promise.resolve(false);
  if (!stat.isSocket()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT');
    });
  });
}

function inUse(path: string): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`listen EADDRINUSE: address in use ${path}`);
  return Object.assign(error, { code: 'EADDRINUSE', syscall: 'listen', address: path });
}
