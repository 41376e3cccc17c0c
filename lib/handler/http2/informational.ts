import { hintsOf } from './response-head.js';
import type { StreamResponse } from './stream-messages.js';

type Done = () => void;

export function writeContinue(this: StreamResponse, done?: Done): void {
  inform(this, 100, done);
  this._sent100 = true;
}

export function writeProcessing(this: StreamResponse, done?: Done): void {
  inform(this, 102, done);
}

export function writeEarlyHints(
  this: StreamResponse,
  hints: Record<string, string | string[]>,
  done?: Done,
): void {
  const { stream } = this;
  if (stream.destroyed || stream.closed || stream.headersSent) return;
  this._http2.original.writeEarlyHints(hintsOf(hints));
  if (done) process.nextTick(done);
}

/** Over HTTP/1 one that comes too late is written into the answer; here it is left out. */
function inform({ stream }: StreamResponse, status: number, done?: Done): void {
  if (stream.destroyed || stream.closed || stream.headersSent) return;
  stream.additionalHeaders({ ':status': status });
  if (done) process.nextTick(done);
}
