import type { EventEmitter } from 'node:events';
import { isBeyondAnswer, isStreamAnswered } from '../answer/answer-over.js';
import type { Connection } from '../connection/connection.js';
import type { Slots } from './slots.js';
import { isOpened, whenTunnelOpens } from './tunnel-open.js';

/** Of a server: of its requests, and of its upgraded connections. */
interface Limited {
  readonly active: Slots;
  readonly upgraded: Slots;
}

/** Takes places for what goes on on a connection, which was begun while nothing was counted. */
export function holdOpen(connection: Connection, { active, upgraded }: Limited): void {
  const { kind, socket, streams } = connection;
  if (kind === 'upgraded' || kind === 'connect') {
    hold(upgraded, socket, () => socket.destroyed);
  }
  for (const response of connection.owed()) {
    hold(active, response, () => isBeyondAnswer(socket, response));
  }
  for (const { stream, headers, isPushed } of streams) {
    if (isPushed) continue;
    const isTunnel = headers[':method'] === 'CONNECT';
    if (isTunnel) hold(upgraded, stream, () => stream.destroyed);
    if (isTunnel && isOpened(stream)) continue;
    const over = hold(active, stream, () => isStreamAnswered(stream));
    // From then on it is no request any more.
    if (isTunnel) whenTunnelOpens(stream, over);
  }
}

/** Returns what gives the place back. */
function hold(slots: Slots, what: EventEmitter, isOver: () => boolean): () => void {
  const holder = { isOver };
  const free = (): void => slots.free(holder);
  slots.take(holder);
  what.once('close', free);
  return free;
}
