import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { findConnection } from '../connection/connection.js';

type PushStream = (this: ServerHttp2Stream, ...args: unknown[]) => void;

/**
 * Has the streams that are pushed beside this one owned: their errors, which are those of a client that resets one, would
 * end the process, and they are streams of their connection as any other.
 */
export function ownPushed(stream: ServerHttp2Stream): void {
  stream.pushStream = pushStream;
}

/** In the place of Node's, which is given all that it is called with. */
function pushStream(this: ServerHttp2Stream, ...args: unknown[]): void {
  const ofNode = Object.getPrototypeOf(this) as { pushStream: PushStream };
  const callback = args.at(-1);
  if (typeof callback === 'function') {
    args[args.length - 1] = (
      error: Error | null,
      pushed: ServerHttp2Stream | undefined,
      ...rest: [IncomingHttpHeaders?]
    ): void => {
      if (pushed) own(pushed, rest[0] ?? {});
      callback(error, pushed, ...rest);
    };
  }
  ofNode.pushStream.apply(this, args);
}

function own(pushed: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  pushed.on('error', ignore);
  const socket = pushed.session?.socket;
  if (socket) findConnection({ socket })?.open(pushed, headers, { isPushed: true });
}

function ignore(): void {
  // Its client did not want it, or has gone: whoever pushes listens for more.
}
