import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { isForeign, type TakeOverEvent } from './foreign-listeners.js';
import type { InnerServer } from './inner-server.js';
import { callTakeOver, takeOver, type TakenOverTransport } from './take-over.js';

const guarded = new WeakSet<InnerServer>();

/**
 * Has listeners for taken-over sockets that middleware adds called as the handler's own are, from now on. Node
 * calls them as it emits, in its parser: what one throws, or rejects with, would end the process. And wherever
 * middleware has put its own, the limits come first: a request that they refuse is nobody's any more.
 */
export function guardForeign(inner: InnerServer, transport: TakenOverTransport): void {
  if (guarded.has(inner)) return;
  guarded.add(inner);
  const emit = inner.emit as (this: InnerServer, event: string, ...args: unknown[]) => boolean;
  const guardedEmit = function (this: InnerServer, event: string, ...args: unknown[]): boolean {
    if (event !== 'upgrade' && event !== 'connect') return emit.call(this, event, ...args);
    const listeners = this.rawListeners(event);
    if (listeners.length === 0) return false;
    const [request, socket, head] = args as [IncomingMessage, Socket, Buffer];
    if (!takeOver(transport, event satisfies TakeOverEvent, request, socket, head)) return true;
    for (const listener of listeners.filter(isForeign)) {
      callTakeOver(transport.host, request, socket, () => Reflect.apply(listener, this, args));
    }
    return true;
  };
  inner.emit = guardedEmit as InnerServer['emit'];
}
