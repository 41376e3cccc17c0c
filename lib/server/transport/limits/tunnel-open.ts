import type { ServerHttp2Stream } from 'node:http2';

/** Calls back when the answer to a CONNECT of HTTP/2 opens its tunnel: from then on it is no request any more. */
export function whenTunnelOpens(stream: ServerHttp2Stream, opened: () => void): void {
  const respond = stream.respond.bind(stream);
  stream.respond = (...args) => {
    respond(...args);
    if (isOpened(stream)) opened();
  };
}

/** Whether the answer to a CONNECT has opened its tunnel. */
export function isOpened({ sentHeaders }: ServerHttp2Stream): boolean {
  const status = Number(sentHeaders?.[':status']);
  return status >= 200 && status < 300;
}
