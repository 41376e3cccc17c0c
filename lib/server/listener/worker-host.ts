/** What a server asks of the process that holds its sockets. */
export type SocketRequest =
  /** A port that the system chose for the server of that name, on a host. */
  | { readonly server: string; readonly host: string | undefined }
  /** The file of a unix socket. */
  | { readonly path: string };

/** Where to listen instead, so that the socket is the one that earlier processes had. */
export type ReservedSocket =
  | { readonly host: string | undefined; readonly port: number }
  /** The name to listen by; the file that clients know is there. */
  | { readonly path: string };

/** Of a pool, what somebody needs who has it leave. */
export interface StoppablePool {
  stop(options?: { signal?: AbortSignal }): Promise<readonly unknown[]>;
}

/** What takes over connections that another process has accepted on the same address. */
export interface ConnectionAdopter {
  /** The address; connections are moved between processes that spell it the same. */
  readonly bind: { readonly canonical: string };
  /**
   * @param handle Node's, of the connection; it belongs to the adopter that takes it
   * @param facts What the other process tells of the connection
   * @returns whether it is served from here on
   */
  adopt(handle: object, facts: object): boolean;
}

/**
 * What a process has to offer its pools that is one of several which come and go on the same sockets, a
 * worker of `nestjs-http-pool run`. It is put up before the application is loaded, and found by a
 * symbol of the registry: the application's copy of this package need not be the one that put it up.
 */
export interface WorkerHost {
  /** Others accept on the sockets of this process when it has closed them. */
  readonly servesOn: boolean;
  /** Of a start that begins. A pool that rejects it may have started all the same, see {@link started}. */
  starting(pool: StoppablePool, start: Promise<unknown>): void;
  /** A pool is as started as it will be. */
  started(pool: StoppablePool): void;
  /** @throws the error of the system, of an address that is in use, say */
  reserve(request: SocketRequest): Promise<ReservedSocket | undefined>;
  /**
   * Gives a connection to a process that serves on, if one takes it. It is sent as it is, and stays
   * open here; nobody may read from it meanwhile. Never rejects. Undefined where there is no way.
   *
   * @param address That it was accepted on, in canonical form
   * @returns whether it is another's from here on
   */
  moveConnection?(address: string, handle: object, facts: object): Promise<boolean>;
  /** From here on, until the returned function is called. */
  addAdopter?(adopter: ConnectionAdopter): () => void;
}

export const workerHostKey = Symbol.for('nestjs-http-pool.worker-host');

/** Undefined in a process that is on its own. */
export function workerHost(): WorkerHost | undefined {
  return (globalThis as { [workerHostKey]?: WorkerHost })[workerHostKey];
}
