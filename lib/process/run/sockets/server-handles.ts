import net from 'node:net';

/** What of a bound socket, as Node's cluster holds it, is used here. */
export interface ServerHandle {
  close(): void;
  getsockname(into: { port?: number }): number;
}

/** Arguments of Node's own maker of handles. A port below 0 is the path of a unix socket. */
export interface HandleRequest {
  readonly address: string | null | undefined;
  readonly port: number | null | undefined;
  readonly addressType: number | string | null | undefined;
  readonly fd: number | null | undefined;
  readonly flags: number | undefined;
}

type Maker = (
  address: HandleRequest['address'],
  port: HandleRequest['port'],
  addressType: HandleRequest['addressType'],
  fd: HandleRequest['fd'],
  flags: HandleRequest['flags'],
) => ServerHandle | number;

interface NetInternals {
  _createServerHandle?: Maker;
}

const internals = net as unknown as NetInternals;

/**
 * Binds without listening, which Node has no documented way for below 26.4 (`net.BoundSocket`).
 *
 * @returns the handle, or the number of the system's error
 */
export function createServerHandle(request: HandleRequest): ServerHandle | number {
  return makerOf(request);
}

let makerOf = (request: HandleRequest): ServerHandle | number => call(maker(), request);

/**
 * Asks `supply` for every socket that `node:cluster` binds for its workers with `SCHED_NONE`. It calls
 * `net._createServerHandle` for them (read in `internal/cluster/shared_handle.js` of Node 20.20, 22.23, 24.21 and
 * 26.12; `test/process/internals.e2e-spec.ts` fails by name where it does not).
 *
 * @throws Error in a Node that has no such function
 */
export function interceptServerHandles(
  supply: (request: HandleRequest) => ServerHandle | number,
): void {
  const original = maker();
  makerOf = (request) => call(original, request);
  internals._createServerHandle = (address, port, addressType, fd, flags) =>
    supply({ address, port, addressType, fd, flags });
}

function maker(): Maker {
  const { _createServerHandle } = internals;
  if (_createServerHandle === undefined) {
    throw new Error(`Node ${process.version} has no net._createServerHandle to hold sockets with`);
  }
  return _createServerHandle;
}

function call(make: Maker, { address, port, addressType, fd, flags }: HandleRequest) {
  return make.call(net, address, port, addressType, fd, flags);
}
