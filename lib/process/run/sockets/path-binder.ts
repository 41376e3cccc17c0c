import { EventEmitter } from 'node:events';
import type { Server } from 'node:net';
import { UnixSocketFile } from '../../../server/listener/unix-socket.js';
import type { HandleRequest, ServerHandle } from './server-handles.js';

export interface BoundPath {
  /** The name that it was bound by, before the file got its own. */
  readonly path: string;
  readonly handle: ServerHandle;
}

/**
 * Binds a unix socket as a server does that listens (a stale file is replaced, one in use is not), and
 * leaves the listening to the workers: it stands in for the server that `UnixSocketFile` has listen.
 */
export class PathBinder extends EventEmitter {
  private socket: BoundPath | undefined;

  constructor(private readonly bind: (request: HandleRequest) => ServerHandle) {
    super();
  }

  /** @throws the error of the system */
  bindFile(path: string): Promise<UnixSocketFile> {
    return UnixSocketFile.listen(this as unknown as Server, path);
  }

  /** What {@link bindFile} has bound. */
  get bound(): BoundPath {
    if (this.socket === undefined) throw new Error('no path is bound yet');
    return this.socket;
  }

  /** Called with the name to bind by. */
  listen({ path }: { path: string }): void {
    const request = { address: path, port: -1, addressType: -1, fd: undefined, flags: undefined };
    this.socket = { path, handle: this.bind(request) };
    setImmediate(() => this.emit('listening'));
  }

  close(): void {
    this.socket?.handle.close();
  }
}
