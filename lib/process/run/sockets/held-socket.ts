import { resolve } from 'node:path';
import type { UnixSocketFile } from '../../../server/listener/unix-socket.js';
import type { ReservedSocket } from '../../../server/listener/worker-host.js';
import type { HandleRequest, ServerHandle } from './server-handles.js';

/** By what name a server finds its socket again, where its config does not tell the address. */
export interface Reservation {
  readonly name: string;
  readonly socket: ReservedSocket;
  readonly file?: UnixSocketFile;
}

/** A bound socket, and whether workers listen on it. */
export class HeldSocket {
  inUse = false;
  private readonly closeHandle: () => void;

  /**
   * @param key What `node:cluster` asks for it by, see {@link keyOf}
   * @param onUnused Told when the last worker has closed it
   */
  constructor(
    readonly key: string,
    readonly handle: ServerHandle,
    onUnused: (socket: HeldSocket) => void,
    readonly reservation?: Reservation,
  ) {
    this.closeHandle = handle.close.bind(handle);
    // Called by node:cluster, for which the socket ends with its last worker.
    handle.close = () => {
      this.inUse = false;
      onUnused(this);
    };
  }

  /** A unix socket whose file is gone is of no use to those who come new. */
  get isReachable(): boolean {
    return this.reservation?.file?.isReachable() !== false;
  }

  /** Handed to a worker. */
  use(): ServerHandle {
    this.inUse = true;
    return this.handle;
  }

  /** Closes it for good, and says so; one of the service manager is there only once, and stays. */
  close(): boolean {
    if (this.key.startsWith('fd:')) return false;
    this.reservation?.file?.remove();
    this.closeHandle();
    return true;
  }
}

/** Undefined for a port that the system is to choose. */
export function keyOf({ address, port, fd, flags }: HandleRequest): string | undefined {
  if (typeof fd === 'number' && fd >= 0) return `fd:${fd}`;
  // Node shortens a path to one that is relative to the working directory.
  if (typeof port === 'number' && port < 0) return `unix:${resolve(String(address))}`;
  return port ? `tcp:${address ?? ''}:${port}:${flags ?? 0}` : undefined;
}
