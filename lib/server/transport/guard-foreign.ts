import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { DispatchHost } from './dispatch.js';
import type { InnerServer } from './inner-server.js';
import { callTakeOver } from './take-over.js';

const guarded = new WeakSet<InnerServer>();

/**
 * Has listeners for taken-over sockets that middleware adds called as the handler's own are, from now on. Node
 * calls them as it emits, in its parser: what one throws, or rejects with, would end the process.
 */
export function guardForeign(inner: InnerServer, host: DispatchHost): void {
  if (guarded.has(inner)) return;
  guarded.add(inner);
  const emit = inner.emit as (this: InnerServer, event: string, ...args: unknown[]) => boolean;
  const guardedEmit = function (this: InnerServer, event: string, ...args: unknown[]): boolean {
    if (event !== 'upgrade' && event !== 'connect') return emit.call(this, event, ...args);
    const [request, socket] = args as [IncomingMessage, Socket];
    const listeners = this.rawListeners(event);
    for (const listener of listeners) {
      callTakeOver(host, request, socket, () => Reflect.apply(listener, this, args) as unknown);
    }
    return listeners.length > 0;
  };
  inner.emit = guardedEmit as InnerServer['emit'];
}
