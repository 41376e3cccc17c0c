/** What each kind of loss means. The kinds of 5xx answers are `status-` and the code. */
export const KINDS = {
  refused: 'the connection was refused',
  'connect-reset': 'the connection was reset before a request was begun',
  'connect-timeout': 'the connection was not made in time',
  'tls-failed': 'the connection ended within its TLS handshake',
  'idle-reset': 'a connection was reset while no request was open on it',
  'idle-race': 'the request met the end of a kept connection on its way',
  unanswered: 'the connection was ended before the first byte of the answer',
  reset: 'the connection was reset before the first byte of the answer',
  truncated: 'the answer was begun and not finished',
  timeout: 'no whole answer in time',
  'not-http': 'what came is no HTTP',
  'refused-stream': 'HTTP/2: the stream was refused, or lies behind the last one of a GOAWAY',
  'reset-stream': 'HTTP/2: the stream was reset before the first byte of the answer',
  'websocket-reset': 'an open WebSocket was reset',
} as const;

export type Kind = keyof typeof KINDS | `status-${number}`;

export function describeKind(kind: Kind): string {
  return kind.startsWith('status-')
    ? `the answer was ${kind.slice('status-'.length)}`
    : KINDS[kind as keyof typeof KINDS];
}

/** Losses of the connection itself, which one begun after the signal of a `stop` may meet. */
export function isOfConnection(kind: Kind): boolean {
  return CONNECTION_KINDS.has(kind);
}

const CONNECTION_KINDS: ReadonlySet<Kind> = new Set<Kind>([
  'refused',
  'connect-reset',
  'connect-timeout',
  'tls-failed',
  'idle-reset',
  'reset',
  'websocket-reset',
]);
