import type { BindAddress } from '../config/bind-address.js';
import type { ServerSettings } from '../config/server-settings.js';
import { Listener } from './listener.js';
import type { Transport } from './transport.js';

/** The listener of a new address, and the way back. */
export interface BoundNext {
  readonly listener: Listener;
  /** Gives the new address up. */
  undo(): Promise<void>;
}

export interface BindNextOptions {
  /** The listener that serves until the change is in force. */
  readonly old: Listener;
  readonly settings: ServerSettings;
  /** Gets the sockets of the new address. */
  readonly transport: Transport;
  /** A listener on the new address that another server leaves to this one. */
  readonly handedOver: Listener | undefined;
  /** The old address had to be given up and is bound anew. */
  readonly onReopened: (listener: Listener) => void;
  /** The old address could not be bound anew. */
  readonly onLost: (error: Error) => void;
}

/**
 * Binds the next address of a server. An address that overlaps the old one (`0.0.0.0:80` and
 * `127.0.0.1:80`) can't be bound beside it: there the old one is closed first, once its accept
 * queue is served, and bound again if the new one can't be had. In between, for the time of one
 * `bind`, connections are refused.
 */
export async function bindNext(options: BindNextOptions): Promise<BoundNext> {
  const { old, settings, handedOver } = options;
  if (handedOver) return { listener: handedOver, undo: async () => undefined };
  const formerBind = realBind(old);
  if (!formerBind.overlaps(settings.bind)) {
    const listener = await open(settings.bind, options);
    return { listener, undo: async () => listener.close() };
  }
  await old.closeGently();
  try {
    const listener = await open(settings.bind, options);
    const undo = async (): Promise<void> => {
      listener.close();
      await reopen(formerBind, options);
    };
    return { listener, undo };
  } catch (error) {
    await reopen(formerBind, options);
    throw error;
  }
}

function open(bind: BindAddress, { transport, settings }: BindNextOptions): Promise<Listener> {
  return Listener.bind(bind, (socket) => transport.accept(socket), settings.limits.maxConnections);
}

function reopen(
  formerBind: BindAddress,
  { old, onReopened, onLost }: BindNextOptions,
): Promise<void> {
  return Listener.bind(formerBind, old.accept).then(onReopened, onLost);
}

/** The address with the port the system chose. */
export function realBind({ bind, address }: Listener): BindAddress {
  return address && 'port' in address ? bind.withPort(address.port) : bind;
}
