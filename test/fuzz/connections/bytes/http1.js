/** Requests of HTTP/1, from right ones to such as no client sends. */

const methods = ['GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'CONNECT', 'PRI', 'get', 'M-SEARCH', 'X'];
const paths = [
  '/',
  '/echo',
  '/throws',
  '/rejects',
  '/stream',
  '/late',
  '/gateway',
  '/twice',
  '//',
  '*',
];
const oddPaths = [
  'http://[',
  '//[',
  '/%',
  '/%00',
  '/\x7f',
  '/a b',
  'there:80',
  '/..%2f',
  '/?q=%ff&a[b]=c',
];
const versions = ['1.1', '1.1', '1.1', '1.0', '0.9', '2.0', '1.2', '9.9', ''];
const webSocketKey = 'dGhlIHNhbXBsZSBub25jZQ==';

const fields = [
  ['Host', ['localhost', '', 'a, b', 'x'.repeat(300), '[', '\xff']],
  ['Connection', ['close', 'keep-alive', 'Upgrade', 'upgrade, close', ',', 'TE']],
  ['Upgrade', ['websocket', 'h2c', 'websocket, h2c', '']],
  ['Sec-WebSocket-Key', [webSocketKey, 'short', '']],
  ['Sec-WebSocket-Version', ['13', '8', '99', '']],
  [
    'Sec-WebSocket-Extensions',
    ['permessage-deflate', 'permessage-deflate; server_max_window_bits=1', ';'],
  ],
  ['HTTP2-Settings', ['AAMAAABkAAQAAP__', '*']],
  ['Expect', ['100-continue', '200-ok', '']],
  [
    'Transfer-Encoding',
    ['chunked', 'gzip, chunked', 'chunked, chunked', 'identity', '\x0bchunked'],
  ],
  ['Content-Length', ['0', '5', '5', '-1', '+5', '5, 5', '99999999999999999999', '1e1', '']],
  [
    'Content-Type',
    [
      'application/json',
      'text/plain',
      'multipart/form-data; boundary=',
      ';',
      'application/x-www-form-urlencoded',
    ],
  ],
  ['Content-Encoding', ['gzip', 'deflate', 'br', 'none']],
  ['Cookie', ['a=b; c', '\xff=', 'x'.repeat(5000)]],
  ['Range', ['bytes=0-1', 'bytes=-', 'bytes=9-1']],
  ['X-Forwarded-For', ['1.2.3.4', '::', '<script>']],
  ['Accept', ['text/event-stream', '*/*;q=x']],
  ['', ['no name']],
  ['Bad Name', ['1']],
  ['X\x00', ['\x00']],
];

const chunks = [
  '5\r\nhello\r\n',
  '0\r\n\r\n',
  'zz\r\n',
  '-1\r\n',
  'ffffffffffffffff\r\nx',
  '5;a=b\r\nhello\r\n',
  '0\r\nX: y\r\n\r\n',
  '5\r\nhel',
];

export function http1Request(random) {
  const method = random.chance(0.6) ? random.pick(['GET', 'POST']) : random.pick(methods);
  const path = random.chance(0.8) ? random.pick(paths) : random.pick(oddPaths);
  const lines = [`${method} ${path} HTTP/${random.chance(0.8) ? '1.1' : random.pick(versions)}`];
  if (random.chance(0.9)) lines.push('Host: localhost');
  for (const [name, values] of random.times(0, 5, () => random.pick(fields))) {
    lines.push(`${name}${random.pick([': ', ': ', ':', ' :'])}${random.pick(values)}`);
  }
  if (random.chance(0.03)) lines.push(`X-Long: ${'x'.repeat(random.pick([8000, 17_000, 70_000]))}`);
  if (random.chance(0.02)) lines.push(...random.times(100, 2500, (at) => `X-${at}: y`));
  const ending = random.chance(0.95) ? '\r\n' : random.pick(['\n', '\r', '']);
  return Buffer.from(`${lines.join(ending)}${ending}${ending}${body(random)}`, 'latin1');
}

function body(random) {
  if (random.chance(0.5)) return '';
  if (random.chance(0.5))
    return random.pick(['hello', '{"a":1}', '{', 'a=b&c', 'x'.repeat(100_000)]);
  return random.times(1, 4, () => random.pick(chunks)).join('');
}

/** Several, as a client sends them that pipelines. */
export function http1Requests(random) {
  return random.times(1, random.chance(0.2) ? 12 : 2, () => http1Request(random));
}

/** A right one that asks for a WebSocket, of the gateway or of a bare handler. */
export function webSocketRequest(random) {
  const head = [
    `GET ${random.pick(['/gateway', '/gateway', '/', '/throws'])} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Key: ${webSocketKey}`,
    'Sec-WebSocket-Version: 13',
    ...(random.chance(0.5) ? ['Sec-WebSocket-Extensions: permessage-deflate'] : []),
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n`);
}
