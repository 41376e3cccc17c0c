import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerSettings } from '../../config/server-settings.js';
import { breakOff } from './break-off.js';

/** Seconds after which a client that was turned away may try again. */
const retryAfterSeconds = '1';

/**
 * The limits that need a look at each request: `maxHandlers` and `writeTimeout`. A server shares
 * one over all its transports, so that a swap does not forget the requests that still run.
 */
export class RequestLimits {
  private maxHandlers = 0;
  private writeMs = 0;
  private active = 0;
  /** False while no such limit is set: then requests are not even counted. */
  enabled = false;
  /** How many requests were answered 503. */
  turnedAway = 0;

  static areSet({ limits, timeouts }: ServerSettings): boolean {
    return limits.maxHandlers !== undefined || timeouts.writeMs > 0;
  }

  configure(settings: ServerSettings): void {
    this.maxHandlers = settings.limits.maxHandlers ?? 0;
    this.writeMs = settings.timeouts.writeMs;
    this.enabled = RequestLimits.areSet(settings);
  }

  /** Returns false when it has answered 503 itself. */
  admit(_request: IncomingMessage, response: ServerResponse): boolean {
    if (this.maxHandlers > 0 && this.active >= this.maxHandlers) {
      this.turnedAway += 1;
      response.writeHead(503, { 'Retry-After': retryAfterSeconds, 'Content-Length': '0' });
      response.end();
      return false;
    }
    this.active += 1;
    // As in Go, a response that takes too long is cut off, not answered with an error.
    const timer = this.writeMs > 0 ? setTimeout(breakOff, this.writeMs, response) : undefined;
    response.once('close', () => {
      this.active -= 1;
      clearTimeout(timer);
    });
    return true;
  }
}
