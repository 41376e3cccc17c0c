/** Frames of HTTP/2, from a right conversation to such as no client has. */

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

const types = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
};

const endStream = 1;
const endHeaders = 4;

/** @see https://www.rfc-editor.org/rfc/rfc9113#section-4.1 */
function frame(random, type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(random.chance(0.98) ? payload.length : random.edge(24), 0, 3);
  head[3] = random.chance(0.98) ? type : random.edge(8);
  head[4] = random.chance(0.95) ? flags : random.edge(8);
  head.writeUInt32BE(random.chance(0.97) ? stream : random.edge(32), 5);
  return Buffer.concat([head, payload]);
}

function number(value, bytes = 4) {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}

/** A literal field that is never indexed, in HPACK without Huffman coding. */
function field(name, value) {
  return Buffer.concat([Buffer.from([0x10]), text(name), text(value)]);
}

function text(value) {
  const bytes = Buffer.from(value, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

const oddFields = [
  ['connection', 'close'],
  ['transfer-encoding', 'chunked'],
  ['te', 'gzip'],
  ['host', 'elsewhere'],
  ['content-length', '5'],
  ['content-length', '-1'],
  ['content-type', 'application/json'],
  ['content-encoding', 'gzip'],
  ['expect', '100-continue'],
  ['Upper', 'case'],
  ['x', 'a\r\nb: c'],
  ['cookie', 'a=b'],
  ['', ''],
  [':path', '/again'],
  [':unknown', 'x'],
  [':protocol', 'websocket'],
  ['x-long', 'x'.repeat(9000)],
  ['x-longer', 'x'.repeat(20_000)],
];

function headerBlock(random) {
  if (random.chance(0.03)) return random.bytes(random.int(0, 60));
  const method = random.pick(['GET', 'GET', 'POST', 'POST', 'HEAD', 'CONNECT', 'OPTIONS', '', 'X']);
  const path = random.pick([
    '/',
    '/',
    '/echo',
    '/echo',
    '/throws',
    '/rejects',
    '/stream',
    '/late',
    '/twice',
    '*',
    '',
    '//[',
  ]);
  const pseudo = [
    [':method', method],
    [':scheme', random.pick(['https', 'http', ''])],
    [':path', path],
    [':authority', random.pick(['localhost', 'localhost', '', '[', 'a b'])],
  ].filter(() => random.chance(0.97));
  const rest = random.times(0, 4, () => random.pick(oddFields));
  const all = random.chance(0.95) ? [...pseudo, ...rest] : [...rest, ...pseudo];
  return Buffer.concat(all.map(([name, value]) => field(name, value)));
}

const makers = {
  headers(random, state) {
    state.stream = random.chance(0.95) ? state.stream + 2 : random.int(1, 20);
    const block = headerBlock(random);
    const ends = random.chance(0.6) ? endStream : 0;
    // A frame holds 16 KiB unless more was agreed upon.
    if (block.length < 16_384 && random.chance(0.85)) {
      return frame(random, types.headers, endHeaders | ends, state.stream, block);
    }
    const at = random.int(0, Math.min(block.length, 16_384));
    const parts = [block.subarray(0, at)];
    for (let from = at; from < block.length; from += 16_384) {
      parts.push(block.subarray(from, from + 16_384));
    }
    const last = parts.length - 1;
    return Buffer.concat(
      parts.map((part, each) =>
        each === 0
          ? frame(random, types.headers, ends | (last === 0 ? endHeaders : 0), state.stream, part)
          : frame(random, types.continuation, each === last ? endHeaders : 0, state.stream, part),
      ),
    );
  },
  data(random, state) {
    const payload = random.chance(0.8)
      ? Buffer.from(random.pick(['hello', '{"a":1}', '', 'x'.repeat(16_384)]))
      : random.bytes(random.int(0, 200));
    return frame(
      random,
      types.data,
      random.pick([0, endStream, 8]),
      streamOf(random, state),
      payload,
    );
  },
  reset: (random, state) =>
    frame(random, types.reset, 0, streamOf(random, state), number(random.edge(8))),
  priority: (random, state) =>
    frame(random, types.priority, 0, streamOf(random, state), random.bytes(5)),
  settings(random) {
    if (random.chance(0.3)) return frame(random, types.settings, 1, 0);
    const entries = random.times(0, 4, () =>
      Buffer.concat([number(random.int(0, 9), 2), number(random.edge(32))]),
    );
    return frame(random, types.settings, 0, 0, Buffer.concat(entries));
  },
  ping: (random) => frame(random, types.ping, random.pick([0, 0, 1]), 0, random.bytes(8)),
  goAway: (random) =>
    frame(
      random,
      types.goAway,
      0,
      0,
      Buffer.concat([number(random.edge(31)), number(random.edge(8))]),
    ),
  windowUpdate: (random, state) =>
    frame(
      random,
      types.windowUpdate,
      0,
      random.chance(0.5) ? 0 : streamOf(random, state),
      number(random.edge(31)),
    ),
  push: (random, state) =>
    frame(random, types.push, endHeaders, streamOf(random, state), random.bytes(20)),
  continuation: (random, state) =>
    frame(random, types.continuation, endHeaders, streamOf(random, state), headerBlock(random)),
  unknown: (random, state) =>
    frame(
      random,
      random.int(10, 255),
      random.int(0, 255),
      streamOf(random, state),
      random.bytes(10),
    ),
  manyResets(random, state) {
    const frames = random.times(10, 60, () => {
      state.stream += 2;
      const opened = frame(random, types.headers, endHeaders, state.stream, headerBlock(random));
      return Buffer.concat([opened, frame(random, types.reset, 0, state.stream, number(8))]);
    });
    return Buffer.concat(frames);
  },
  manyPings: (random) =>
    Buffer.concat(random.times(20, 300, () => frame(random, types.ping, 0, 0, random.bytes(8)))),
};

/** What comes often in a conversation stands here often. */
const usual = [
  'headers',
  'headers',
  'headers',
  'headers',
  'data',
  'data',
  'windowUpdate',
  'settings',
];
const all = Object.keys(makers);

export function http2Bytes(random) {
  const state = { stream: -1 };
  const begin = random.chance(0.95) ? [preface] : [preface.subarray(0, random.int(0, 24))];
  if (random.chance(0.95)) begin.push(frame(random, types.settings, 0, 0));
  const frames = random.times(0, 10, () =>
    makers[random.pick(random.chance(0.7) ? usual : all)](random, state),
  );
  return [...begin, ...frames];
}

function streamOf(random, state) {
  return random.chance(0.9) ? Math.max(1, state.stream) : random.int(0, 30);
}
