import { lookup } from 'node:dns/promises';
import { getSystemErrorName } from 'node:util';
import type { ReservedSocket, SocketRequest } from '../../../server/listener/worker-host.js';
import { HeldSocket, keyOf, type Reservation } from './held-socket.js';
import { PathBinder } from './path-binder.js';
import {
  createServerHandle,
  interceptServerHandles,
  type HandleRequest,
  type ServerHandle,
} from './server-handles.js';

/** `EEXIST`, as the system numbers it. */
const alreadyExists = -17;

/**
 * The listening sockets of all workers. `node:cluster` shares them, and closes one when its last worker
 * has; here they are kept while nobody serves, so that clients who connect between the death of a
 * worker and the start of the next one wait in the accept queue. Ports that the system chose, and files
 * of unix sockets, are found again by the name of their server, and by their path.
 */
export class SharedSockets {
  private readonly sockets = new Set<HeldSocket>();
  private readonly reserving = new Map<string, Promise<Reservation>>();

  /** @param isServing Whether a worker serves, which had its chance to use what another one closes */
  constructor(private readonly isServing: () => boolean) {}

  /** Once in a process. */
  attach(): void {
    interceptServerHandles((request) => this.supply(request));
  }

  /** @throws the error of the system */
  async reserve(request: SocketRequest): Promise<ReservedSocket> {
    const name = 'path' in request ? request.path : `${request.server} on ${request.host ?? ''}`;
    for (const { reservation, isReachable } of this.sockets) {
      if (reservation?.name === name && isReachable) return reservation.socket;
    }
    let reserving = this.reserving.get(name);
    if (reserving === undefined) {
      reserving =
        'path' in request ? this.bindPath(name, request.path) : this.bindPort(name, request.host);
      this.reserving.set(name, reserving);
    }
    try {
      return (await reserving).socket;
    } finally {
      this.reserving.delete(name);
    }
  }

  /** When all workers have ended. */
  closeAll(): void {
    for (const socket of this.sockets) this.close(socket);
  }

  /** Closes what no worker uses. */
  closeUnused(): void {
    for (const socket of this.sockets) if (!socket.inUse) this.close(socket);
  }

  private async bindPort(name: string, host: string | undefined): Promise<Reservation> {
    const found = host === undefined ? undefined : await lookup(host);
    const request = { address: found?.address ?? null, addressType: found?.family ?? 4 };
    const handle = bound({ ...request, port: 0, fd: undefined, flags: 0 }, `port 0 of ${name}`);
    const chosen: { port?: number } = {};
    handle.getsockname(chosen);
    const port = chosen.port as number;
    const reservation = { name, socket: { host: found?.address, port } };
    this.hold(keyOf({ ...request, port, fd: undefined, flags: 0 }), handle, reservation);
    return reservation;
  }

  private async bindPath(name: string, path: string): Promise<Reservation> {
    const binder = new PathBinder((request) => bound(request, path));
    const file = await binder.bindFile(path);
    const { path: bindPath, handle } = binder.bound;
    const reservation = { name, socket: { path: bindPath }, file };
    this.hold(`unix:${bindPath}`, handle, reservation);
    return reservation;
  }

  /** For `node:cluster`, which asks once for each socket that a worker wants and no other has. */
  private supply(request: HandleRequest): ServerHandle | number {
    const key = keyOf(request);
    if (key === undefined) return createServerHandle(request);
    const held = [...this.sockets].find((socket) => socket.key === key);
    if (held?.inUse === false) return held.use();
    if (held && key.startsWith('fd:')) return alreadyExists;
    const handle = createServerHandle(request);
    return typeof handle === 'number' ? handle : this.hold(key, handle).use();
  }

  private hold(
    key: string | undefined,
    handle: ServerHandle,
    reservation?: Reservation,
  ): HeldSocket {
    const onUnused = (socket: HeldSocket): void => {
      if (this.isServing()) this.close(socket);
    };
    const socket = new HeldSocket(key as string, handle, onUnused, reservation);
    this.sockets.add(socket);
    return socket;
  }

  private close(socket: HeldSocket): void {
    if (socket.close()) this.sockets.delete(socket);
  }
}

function bound(request: HandleRequest, what: string): ServerHandle {
  const handle = createServerHandle(request);
  if (typeof handle !== 'number') return handle;
  const code = getSystemErrorName(handle);
  throw Object.assign(new Error(`bind ${code}: ${what}`), { code, syscall: 'bind' });
}
