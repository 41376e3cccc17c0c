import type { IncomingMessage } from 'node:http';
import { printable, requestLine } from '../../errors/printable.js';
import { FailureLog } from './failure-log.js';
import type { SlowClient } from '../transport/limits/slow-clients.js';
import type { WrongProtocol } from '../transport/wrong-protocol.js';

/**
 * Tells the log of clients that are at fault, who could fill it. Apart from the failures of the server,
 * which they must not keep from being told.
 */
export class ClientComplaints {
  private readonly slow = new FailureLog('slow client');
  private readonly told = new Set<WrongProtocol>();

  constructor(private readonly say: (text: string) => void) {}

  /** A client was cut that sent a request, or read an answer, too slowly. */
  wasSlow(request: IncomingMessage, { side, bytesPerSecond, from = 'a client' }: SlowClient): void {
    const rest = this.slow.next();
    if (rest === undefined) return;
    const asked = printable(requestLine(request));
    const [what, field] =
      side === 'request' ? ['its body came', 'minRequestRate'] : ['it was read', 'minResponseRate'];
    this.say(
      `${asked} of ${from} was cut: ${what} below the ${field} of ${bytesPerSecond} bytes a second${rest}`,
    );
  }

  /** Says how many were left out and not told yet. */
  sayLeftOut(): void {
    const leftOut = this.slow.takeLeftOut();
    if (leftOut !== undefined) this.say(leftOut);
  }

  /** Once for each kind. */
  spokeWrongly(spoken: WrongProtocol, from = 'a client'): void {
    if (this.told.has(spoken)) return;
    this.told.add(spoken);
    this.say(`${describe(spoken, from)} (said once)`);
  }
}

function describe(spoken: WrongProtocol, from: string): string {
  switch (spoken) {
    case 'tls':
      return `${from} spoke TLS to this server, which speaks plain HTTP, and was answered 400`;
    case 'http':
      return `${from} spoke plain HTTP to this server, which speaks TLS, and was answered 400`;
    case 'not-http2':
      return (
        `${from} spoke TLS or HTTP/1.1 to this server, which without TLS speaks nothing but HTTP/2 ` +
        "(protocol 'http2'), and was closed"
      );
  }
}
