import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HandlerEntry, PooledServer } from '../../lib/index.js';
import { get, RawClient } from './raw-client.js';

/** What a slow reader is to get whole. */
export const largeBytes = 16 * 1024 * 1024;

const large = Buffer.alloc(largeBytes, 'x');
const chunk = Buffer.alloc(65_536, 'x');

function writeForEver(response: ServerResponse): void {
  while (!response.destroyed && response.write(chunk));
  if (!response.destroyed) response.once('drain', () => writeForEver(response));
}

/** Serves what the hostile clients ask for. */
export const hostileHandler: HandlerEntry = {
  request(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === '/large') response.end(large);
    else if (request.url === '/endless') writeForEver(response);
    else request.resume().once('end', () => response.end('answered'));
  },
  upgrade: (_request, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
  connect: (_request, socket) => socket.write('HTTP/1.1 200 Connected\r\n\r\n'),
};

function headOfUpload(path: string, ...headers: string[]): string {
  const head = [`POST ${path} HTTP/1.1`, 'Host: localhost', 'Content-Length: 100', ...headers];
  return `${head.join('\r\n')}\r\n\r\n`;
}

/** Each kind of client that keeps a plain stop from ending, over a connection that it is given. */
export const hostile = {
  halfHeader: (client: RawClient) => client.send('GET / HTTP/1.1\r\nHost: loc'),
  halfBody: (client: RawClient) => client.send(`${headOfUpload('/')}half`),
  noByte: () => undefined,
  reader(client: RawClient): void {
    client.socket.pause();
    client.send(get('/large'));
  },
  endless(client: RawClient): void {
    client.socket.pause();
    client.send(get('/endless'));
  },
  async webSocket(client: RawClient): Promise<void> {
    client.send(get('/', 'Connection: Upgrade', 'Upgrade: test'));
    await client.until('101');
  },
  async tunnel(client: RawClient): Promise<void> {
    client.send('CONNECT there:80 HTTP/1.1\r\nHost: there:80\r\n\r\n');
    await client.until('200');
  },
  async expects(client: RawClient): Promise<void> {
    client.send(headOfUpload('/', 'Expect: 100-continue'));
    await client.until('100 Continue');
  },
  pipelined: (client: RawClient) => client.send(get('/first') + get('/second') + get('/third')),
};

export type HostileKind = keyof typeof hostile;

/** The head of a TLS record that is never sent whole. */
export async function stallHandshake({ url = '' }: PooledServer): Promise<RawClient> {
  const client = await RawClient.connect(url);
  client.send('\x16\x03\x01');
  return client;
}

export async function openHostile(kind: HostileKind, server: PooledServer): Promise<RawClient> {
  const { url = '' } = server;
  const client = await (server.tls ? RawClient.connectTls(url) : RawClient.connect(url));
  await hostile[kind](client);
  return client;
}

/** Resolves when the server has read all that was sent to it before this call. */
export async function allRead({ url = '', tls }: PooledServer): Promise<void> {
  const client = await (tls ? RawClient.connectTls(url) : RawClient.connect(url));
  client.send(get('/', 'Connection: close'));
  await client.until('answered');
  await client.closed;
}

/** Reads to the end, with a rest after every `bytesPerRead`; resolves to how much came after the head. */
export async function readSlowly({ socket }: RawClient, bytesPerRead = 262_144): Promise<number> {
  let [total, untilRest, head] = [0, bytesPerRead, ''];
  socket.removeAllListeners('data');
  socket.on('data', (text: string) => {
    total += text.length;
    untilRest -= text.length;
    if (!head.includes('\r\n\r\n')) head += text;
    if (untilRest > 0) return;
    untilRest = bytesPerRead;
    socket.pause();
    setTimeout(() => socket.resume(), 2);
  });
  socket.resume();
  await once(socket, 'end');
  return total - head.indexOf('\r\n\r\n') - 4;
}
