import type { DispatchHost } from './dispatch.js';
import type { ForeignListeners } from './foreign-listeners.js';
import type { SocketHost } from './connection/socket-table.js';
import type { WrongProtocolHost } from './wrong-protocol.js';

/** What a transport serves for: the server, over all its transports. */
export interface TransportHost extends DispatchHost, SocketHost, WrongProtocolHost {
  /** What middleware has added to Node's servers; undefined while it has added nothing. */
  readonly foreign: ForeignListeners | undefined;
  /** Middleware has added something. */
  ensureForeign(): ForeignListeners;
}
