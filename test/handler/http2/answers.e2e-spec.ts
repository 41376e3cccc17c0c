import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../../support/http-client.js';
import { Opened } from '../../support/opened.js';
import { expressApp, expresses } from './support/express-app.js';
import { SideBySide, type Asking } from './support/side-by-side.js';

type Behaviour = [what: string, path: string, asking?: Asking, expected?: Partial<Answer>];

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const json = { 'content-type': 'application/json' };
const plain = { 'content-type': 'text/plain' };
const post = (headers: Record<string, string>, body: string | Buffer): Asking => ({
  method: 'POST',
  headers: { 'content-length': String(Buffer.byteLength(body)), ...headers },
  body,
});
/** Over HTTP/1.1 in chunks. */
const unmeasured = (headers: Record<string, string>, body: string): Asking => ({
  method: 'POST',
  headers,
  body,
  isUnmeasured: true,
});
const multipart = [
  '--b\r\nContent-Disposition: form-data; name="field"\r\n\r\nvalue\r\n',
  '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--b--\r\n',
].join('');
const upload = { 'content-type': 'multipart/form-data; boundary=b' };
const forwarded = {
  'x-forwarded-for': '203.0.113.7, 198.51.100.2',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'a.b.public.example',
};

const BEHAVIOURS: Behaviour[] = [
  ['tells all of a request', '/request?a=1&b=2&b=3', {}, { status: 200 }],
  [
    'tells of a request what its headers say',
    '/request',
    {
      headers: {
        accept: 'application/json',
        'x-requested-with': 'XMLHttpRequest',
        'accept-encoding': 'gzip',
      },
    },
  ],
  ['takes an IPv6 host', '/request', { headers: { host: '[::1]:99' } }],
  ['joins cookies', '/cookies', { headers: { cookie: 'a=1; b=j:{"c":2}' } }],
  ['knows GET, HEAD, OPTIONS, DELETE', '/method', { method: 'GET' }],
  ['answers HEAD', '/text', { method: 'HEAD' }, { status: 200, body: '' }],
  ['answers OPTIONS by itself', '/text', { method: 'OPTIONS' }, { status: 200 }],
  ['answers DELETE', '/method', { method: 'DELETE' }, { body: 'DELETE' }],
  ['answers PATCH', '/method', { method: 'PATCH' }, { body: 'PATCH' }],
  ['parses a range', '/range', { headers: { range: 'bytes=1-5' } }],
  ['decodes parameters', '/params/a%20b/%C3%A9'],
  ['refuses a malformed parameter', '/params/%ff/x'],
  [
    'trusts a proxy where it is told to',
    '/proxied',
    { headers: forwarded },
    {
      body: JSON.stringify([
        '203.0.113.7',
        ['203.0.113.7', '198.51.100.2'],
        'https',
        true,
        'a.b.public.example',
        ['b', 'a'],
      ]),
    },
  ],
  ['trusts no proxy where it is not', '/request', { headers: forwarded }],

  ['reads JSON', '/json', post(json, '{"a":1}'), { body: '{"body":{"a":1}}' }],
  [
    'reads JSON of unknown length',
    '/json',
    unmeasured(json, '{"a":1}'),
    { body: '{"body":{"a":1}}' },
  ],
  ['refuses broken JSON', '/json', post(json, '{"a":'), { status: 400 }],
  ['refuses JSON over the limit', '/json', post(json, `"${'x'.repeat(2000)}"`), { status: 413 }],
  [
    'refuses JSON of unknown length over the limit',
    '/json',
    unmeasured(json, `"${'x'.repeat(2000)}"`),
    { status: 413 },
  ],
  [
    'reads an urlencoded form',
    '/urlencoded',
    post(form, 'a=1&b[c]=2'),
    { body: '{"body":{"a":"1","b":{"c":"2"}}}' },
  ],
  [
    'reads an urlencoded form of unknown length',
    '/all',
    unmeasured(form, 'a=1'),
    { body: '{"body":{"a":"1"}}' },
  ],
  ['reads text', '/text', post(plain, 'text'), { body: '{"body":"text"}' }],
  [
    'reads bytes',
    '/raw',
    post({ 'content-type': 'application/octet-stream' }, Buffer.from([0, 255])),
    { body: '00ff' },
  ],
  [
    'reads an upload',
    '/upload',
    post(upload, multipart),
    { body: '["a.txt","hello",{"field":"value"}]' },
  ],
  [
    'reads an upload of unknown length',
    '/upload',
    unmeasured(upload, multipart),
    { body: '["a.txt","hello",{"field":"value"}]' },
  ],
  ['pipes a body back', '/echo', post(plain, 'z'.repeat(300_000)), { body: 'z'.repeat(300_000) }],
  [
    'iterates over a body',
    '/length',
    post(plain, 'z'.repeat(300_000)),
    { body: '[300000,true,true]' },
  ],
  ['leaves a small body unread', '/unread', post(plain, 'small'), { status: 413, body: 'not now' }],

  ['sends text', '/text', {}, { body: 'some text' }],
  ['sends nothing', '/nothing'],
  ['sends bytes', '/buffer'],
  ['sends JSON', '/json'],
  ['sends JSONP', '/jsonp?callback=go'],
  ['sends a status', '/status/202'],
  ['sends 204 without a body', '/status/204', {}, { status: 204, body: '' }],
  ['sends 205 without a body', '/status/205'],
  ['sends 304 without a body', '/status/304', {}, { status: 304, body: '' }],
  ['sends 599', '/status/599', {}, { status: 599 }],
  ['redirects', '/redirect', {}, { status: 302 }],
  [
    'redirects with a status',
    '/redirect/301',
    { headers: { accept: 'text/html' } },
    { status: 301 },
  ],
  ['negotiates HTML', '/format', { headers: { accept: 'text/html' } }],
  ['negotiates JSON', '/format', { headers: { accept: 'application/json' } }],
  ['answers 406', '/format', { headers: { accept: 'image/png' } }, { status: 406 }],
  ['writes in chunks', '/chunks', {}, { body: 'one two three' }],
  ['writes nothing first', '/empty-write', {}, { body: 'late' }],
  ['answers HEAD of chunks', '/chunks', { method: 'HEAD' }, { body: '' }],
  ['pipes a stream', '/stream', {}, { body: 'x'.repeat(200_000) }],
  ['answers later', '/later'],
  ['refuses what comes after the end', '/twice', {}, { body: 'once' }],
  [
    'with the same errors',
    '/late',
    {},
    { body: '["ERR_HTTP_HEADERS_SENT","ERR_STREAM_WRITE_AFTER_END"]' },
  ],
  ['renders a view', '/render', {}, { body: 'hello you' }],
  [
    'is not modified',
    '/text',
    { headers: { 'if-none-match': 'W/"9-Gm8ZPYMwJDmsVWVc2m/PYPzGYgM"' } },
  ],

  ['sets headers', '/head/set'],
  ['sets cookies', '/head/cookies'],
  ['writes a head by name', '/head/object', {}, { status: 201, body: 'made' }],
  ['writes a head as a list', '/head/list', {}, { status: 201 }],
  ['writes a head over what is set', '/head/both', {}, { status: 202 }],
  ['drops headers of the connection', '/head/connection', {}, { body: 'set' }],
  ['drops them from a written head', '/head/connection-written', {}, { body: 'written' }],
  ['drops a transfer encoding', '/head/encoding', {}, { body: 'chunked' }],
  ['keeps a status message to itself', '/head/message', {}, { body: 'message Mine' }],
  ['flushes its head', '/head/flushed', {}, { body: 'true' }],
  ['flushes its head for HEAD', '/head/flushed', { method: 'HEAD' }],
  ['takes the date off', '/head/no-date'],
  ['takes the length off', '/head/no-length'],
  ['names its headers', '/head/names'],
  ['refuses invalid headers with the same errors', '/head/invalid'],
  ['sends bytes above ASCII in a header', '/head/latin1'],

  ['sends a file', '/file', {}, { status: 200 }],
  ['sends a range of a file', '/file', { headers: { range: 'bytes=7-12' } }, { status: 206 }],
  [
    'refuses a range beyond a file',
    '/file',
    { headers: { range: 'bytes=9999999-' } },
    { status: 416 },
  ],
  ['answers HEAD of a file', '/file', { method: 'HEAD' }],
  ['misses a file', '/file/missing', {}, { status: 404 }],
  ['tells when a file is sent', '/file/told', {}, { status: 200 }],
  ['tells it without an error', '/told', {}, { body: '"whole"' }],
  ['offers a download', '/file/download'],
  ['serves static files', '/static/express-app.ts', {}, { status: 200 }],
  ['serves a range of one', '/static/express-app.ts', { headers: { range: 'bytes=0-9,20-29' } }],
  [
    'serves none that is not modified',
    '/static/express-app.ts',
    { headers: { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' } },
    { status: 304 },
  ],
  ['misses a static file', '/static/none', {}, { status: 404 }],
  ['leaves its folder by no path', '/static/..%2f..%2fanswers.e2e-spec.ts'],

  ['goes with helmet', '/helmet'],
  ['goes with cors', '/cors', { headers: { origin: 'https://a.example' } }],
  [
    'answers a preflight by cors',
    '/cors',
    {
      method: 'OPTIONS',
      headers: { origin: 'https://a.example', 'access-control-request-method': 'PUT' },
    },
    { status: 204 },
  ],
  [
    'goes with compression',
    '/compressed',
    { headers: { 'accept-encoding': 'gzip' } },
    { status: 200 },
  ],
  [
    'goes with compression in chunks',
    '/compressed/chunks',
    { headers: { 'accept-encoding': 'deflate' } },
  ],
  ['goes without compression', '/compressed', {}, { body: 'z'.repeat(5000) }],
  ['goes with sessions', '/session', {}, { body: '["cookie","visits"]' }],

  [
    'serves a mounted application',
    '/child/settings?q',
    {},
    { body: '[true,true,"/child","set","/settings?q"]' },
  ],
  [
    'serves one that is mounted in it',
    '/child/deep',
    {},
    { body: '["/child/deep","/child/deep",true]' },
  ],
  ['misses in a mounted application', '/child/deep/none', {}, { status: 404 }],
  ['goes on after a mounted application', '/after', {}, { body: '[true,true,true]' }],
  ['handles the error of a mounted application', '/child/fails', {}, { status: 500 }],
  [
    'serves a router',
    '/router/t1/items/7',
    {},
    { body: '[{"tenant":"t1","id":"7"},"/router/t1","7"]' },
  ],
  ['serves an application that is called by hand', '/by-hand/called'],
  ['goes on after one that is called by hand', '/by-hand/unknown'],

  ['handles what is thrown', '/throws', {}, { status: 500, body: '{"message":"thrown"}' }],
  ['handles what is passed on', '/next', {}, { status: 418, body: '{"message":"teapot"}' }],
  ['handles what is passed on late', '/throws/late', {}, { body: '{"message":"late"}' }],
  ['leaves the rest to the final handler', '/unhandled', {}, { status: 500 }],
  ['answers 404', '/none/at/all', {}, { status: 404 }],
];

describe.each(expresses)('%s over HTTP/2 as over HTTP/1.1', (_name, express) => {
  const opened = new Opened();
  let servers: SideBySide;
  beforeAll(async () => {
    servers = await SideBySide.open(opened, () => expressApp(express));
  });
  afterAll(() => opened.closeAll());

  it.each(BEHAVIOURS.map((behaviour) => ({ behaviour, what: behaviour[0] })))(
    '$what',
    async ({ behaviour: [, path, asking, expected = {}] }) => {
      const { http, ...others } = await servers.ask(path, asking);
      expect(http).toMatchObject(expected);
      for (const [name, answer] of Object.entries(others))
        expect([name, answer]).toEqual([name, http]);
    },
  );

  it('tells apart what is secure', async () => {
    const { http, https, h2c, h2 } = await servers.ask('/secure');
    const plain = '["http",false]';
    const secure = '["https",true]';
    const bodies = [http, h2c, https, h2].map((answer) => answer?.body);
    expect(bodies).toEqual([plain, plain, secure, secure]);
  });

  it('sends no header that HTTP/2 forbids', async () => {
    for (const path of ['/head/connection', '/head/connection-written', '/head/encoding']) {
      const { h2 } = await servers.ask(path);
      expect(h2?.status).toBe(200);
    }
  });
});

describe.each(expresses)('the access log of %s', (_name, express) => {
  const opened = new Opened();
  afterAll(() => opened.closeAll());

  it('says the same over each protocol', async () => {
    const log: string[] = [];
    const servers = await SideBySide.open(opened, () => expressApp(express, log));
    await servers.ask('/text');
    while (log.length < 4) await new Promise(setImmediate);
    expect(new Set(log)).toEqual(new Set(['GET /text 200 9 127.0.0.1 app.example.com:8080']));
  });
});
