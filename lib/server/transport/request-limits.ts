import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ServerSettings } from '../../config/server-settings.js';
import { whenOver } from './answer-over.js';
import { breakOff } from './break-off.js';
import { onceOpen } from './upgrade-open.js';

/**
 * The limits that need a look at each request: `maxHandlers` and `writeTimeout`. A server shares
 * one over all its transports, so that a swap does not forget the requests that still run.
 */
export class RequestLimits {
  private maxHandlers = 0;
  private writeMs = 0;
  private active = 0;
  private isSet = false;
  private refused = 0;

  static areSet({ limits, timeouts }: ServerSettings): boolean {
    return limits.maxHandlers !== undefined || timeouts.writeMs > 0;
  }

  /** False while no such limit is set: then requests are not even counted. */
  get enabled(): boolean {
    return this.isSet;
  }

  configure(settings: ServerSettings): void {
    this.maxHandlers = settings.limits.maxHandlers ?? 0;
    this.writeMs = settings.timeouts.writeMs;
    this.isSet = RequestLimits.areSet(settings);
  }

  /** Takes a slot until the answer is over; false when there is none. */
  admit(request: IncomingMessage, response: ServerResponse): boolean {
    if (this.isFull()) return false;
    this.active += 1;
    // As in Go, a response that takes too long is cut off, not answered with an error.
    const cutOff = (): void => {
      breakOff(response);
      over();
    };
    const timer = this.writeMs > 0 ? setTimeout(cutOff, this.writeMs) : undefined;
    const over = whenOver(request, response, () => {
      this.active -= 1;
      clearTimeout(timer);
    });
    return true;
  }

  /** Takes a slot until an upgrade is answered; once open it is no request any more. */
  admitTakeOver(request: IncomingMessage, socket: Socket | ServerResponse): boolean {
    if ('writeHead' in socket) return this.admit(request, socket);
    if (this.isFull()) return false;
    this.active += 1;
    onceOpen(socket, () => (this.active -= 1));
    return true;
  }

  /** How many requests were refused. */
  get turnedAway(): number {
    return this.refused;
  }

  private isFull(): boolean {
    const isFull = this.maxHandlers > 0 && this.active >= this.maxHandlers;
    if (isFull) this.refused += 1;
    return isFull;
  }
}
