import { Server, type DropArgument, type Socket } from 'node:net';
import { UnixSocketFile } from './unix-socket.js';

/** Who is told what happens on a bound socket. */
interface Listening {
  accept(socket: Socket): void;
  /** There were as many connections as there may be. */
  refused(port: number | undefined): void;
  die(error: Error): void;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** With event listeners that are the same functions for all servers, and not closures for each. */
export class BoundServer extends Server {
  /** Whose it is, once it listens. */
  declare listener: Listening | undefined;
  /** Who waits until it listens. */
  declare waiting: Waiting | undefined;
  /** Of a unix socket. */
  declare file: UnixSocketFile | undefined;
  /** The inherited descriptor that it serves on: the environment may name it no more when it closes. */
  declare fd: number | undefined;

  constructor() {
    // Half-open, as Node's HTTP server is: a client may end its side and still await the answer.
    super({ allowHalfOpen: true, noDelay: true });
    this.on('error', onError);
  }

  /** Resolves when it listens. */
  begin(options: object): Promise<void> {
    this.on('listening', onListening);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.listen(options);
    });
  }

  async beginOnPath(path: string): Promise<void> {
    this.file = await UnixSocketFile.listen(this, path);
  }

  async beginOnDescriptor(fd: number): Promise<void> {
    await this.begin({ fd });
    this.fd = fd;
  }

  serve(listener: Listening): void {
    this.listener = listener;
    this.on('connection', onConnection);
  }

  /** Above `maxConnections` Node closes a socket at once, and tells of it; undefined is no limit. */
  limit(maxConnections: number | undefined): void {
    if (maxConnections === this.maxConnections) return;
    if (this.listenerCount('drop') === 0) this.on('drop', onDrop);
    // Node reads `undefined` as no limit, its types do not.
    this.maxConnections = maxConnections as number;
  }
}

function onListening(this: BoundServer): void {
  this.waiting?.resolve();
  this.waiting = undefined;
}

function onConnection(this: BoundServer, socket: Socket): void {
  this.listener?.accept(socket);
}

function onDrop(this: BoundServer, client?: DropArgument): void {
  this.listener?.refused(client?.remotePort);
}

function onError(this: BoundServer, error: Error): void {
  this.waiting?.reject(error);
  this.waiting = undefined;
  this.listener?.die(error);
}
