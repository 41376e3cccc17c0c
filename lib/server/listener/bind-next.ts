import type { BindAddress } from '../../config/address/bind-address.js';
import type { ServerSettings } from '../../config/server-settings.js';
import { Listener, type BindOptions, type ListenerOwner } from './listener.js';

export interface BindNextOptions extends Pick<BindOptions, 'unlessGivenUp'> {
  /** Bound listeners that their servers leave once the change is in force. */
  readonly vacated?: readonly Listener[];
}

/**
 * Finds the listener for the next address of a server. Of the vacated listeners, which their servers
 * leave once the change is in force, one on exactly that address is taken over as it is; otherwise
 * the address is bound. One that overlaps it (`0.0.0.0:80` and `127.0.0.1:80`) can't stay beside it: it is closed
 * first, once its accept queue is served, and its owner binds it again if the change is discarded.
 * In between, for the time of one `bind`, connections to it are refused.
 */
export function bindNext(
  { bind, limits, name }: ServerSettings,
  owner: ListenerOwner,
  { vacated, unlessGivenUp }: BindNextOptions,
): Promise<Listener> {
  const options = { maxConnections: limits.maxConnections, name, unlessGivenUp };
  if (vacated === undefined) return Listener.bind(bind, owner, options);
  return bindBeside(bind, owner, vacated, options);
}

async function bindBeside(
  bind: BindAddress,
  owner: ListenerOwner,
  vacated: readonly Listener[],
  options: BindOptions,
): Promise<Listener> {
  // One that died since its server was asked for it would leave the next one without an address.
  const alive = vacated.filter(({ listening, died }) => listening && died === undefined);
  const same = alive.find((listener) => listener.bind.equals(bind));
  if (same) return same;
  const inTheWay = vacated.filter((listener) => listener.bind.overlaps(bind));
  await Promise.all(inTheWay.map((listener) => listener.stop()));
  return Listener.bind(bind, owner, options);
}
