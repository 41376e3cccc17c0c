import { RawClient } from '../../support/raw-client.js';

/** What stands on the wire, so that no client puts it right. */
export interface RawRequest {
  readonly method?: string;
  /** Of the request line: a path, an absolute URL, anything. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The bytes of a request without a body. */
export function rawRequest({ method = 'GET', target, headers = {} }: RawRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const length = method === 'GET' || method === 'HEAD' ? [] : ['Content-Length: 0'];
  return [`${method} ${target} HTTP/1.1`, ...lines, ...length, '', ''].join('\r\n');
}

/** Asks over a connection of its own and reads until the server closes it. */
export async function rawAsk(url: string, request: RawRequest): Promise<RawAnswer> {
  const client = await RawClient.connect(url);
  const headers = { Host: new URL(url).host, ...request.headers, Connection: 'close' };
  client.send(rawRequest({ ...request, headers }));
  await client.closed;
  return parseAnswer(client.received);
}

function parseAnswer(received: string): RawAnswer {
  const [head = '', ...rest] = received.split('\r\n\r\n');
  const [line = '', ...fields] = head.split('\r\n');
  const headers = fields.map((field): [string, string] => {
    const colon = field.indexOf(':');
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
  });
  return {
    status: Number(line.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: rest.join('\r\n\r\n'),
  };
}
