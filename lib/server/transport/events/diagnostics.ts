import { channel, type Channel } from 'node:diagnostics_channel';
import type { ServerEvents } from './server-events.js';

const prefix = 'nestjs-http-pool:';

/** Kept here: Node forgets a channel that nobody holds. */
const requestStart = channel(`${prefix}request:start`);
const requestFinish = channel(`${prefix}request:finish`);
const requestShed = channel(`${prefix}request:shed`);
const upgrade = channel(`${prefix}upgrade`);
const connectionOpen = channel(`${prefix}connection:open`);
const connectionChange = channel(`${prefix}connection:change`);
const connectionClose = channel(`${prefix}connection:close`);
const connectionRefused = channel(`${prefix}connection:refused`);

/** Told of the states of every server of the process. */
export const serverState: Channel = channel(`${prefix}server:state`);

/**
 * Whether somebody listens to what happens on the way of a request, now: subscribers come and go, and no
 * event of Node tells of them. A look at each channel is all that it costs when nobody does.
 */
export function areSubscribed(): boolean {
  return (
    requestStart.hasSubscribers ||
    requestFinish.hasSubscribers ||
    connectionOpen.hasSubscribers ||
    connectionClose.hasSubscribers ||
    requestShed.hasSubscribers ||
    upgrade.hasSubscribers ||
    connectionChange.hasSubscribers ||
    connectionRefused.hasSubscribers
  );
}

/**
 * Publishes what a server tells. What a subscriber throws is Node's to report, as on any channel.
 *
 * @see https://nodejs.org/api/diagnostics_channel.html#channelpublishmessage
 */
export function diagnosticsOf(server: unknown): ServerEvents {
  const publish = (to: Channel, message: () => object): void => {
    if (to.hasSubscribers) to.publish({ server, ...message() });
  };
  return {
    requestBegun: (request, response) => publish(requestStart, () => ({ request, response })),
    requestEnded: (request, response, end) =>
      publish(requestFinish, () => ({ request, response, ...end })),
    requestShed: (request, reason) => publish(requestShed, () => ({ request, reason })),
    upgradeBegun: (request, kind) => publish(upgrade, () => ({ request, kind })),
    connectionAccepted: (kind) => publish(connectionOpen, () => ({ kind })),
    connectionKindChanged: (kind, previous) =>
      publish(connectionChange, () => ({ kind, previous })),
    connectionClosed: (kind) => publish(connectionClose, () => ({ kind })),
    connectionRefused: (reason) => publish(connectionRefused, () => ({ reason })),
  };
}
