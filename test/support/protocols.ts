import type { ServerOptions } from '../../lib/index.js';
import { tls } from './certificates.js';
import { ask, keepAlive, type Answer, type Asked } from './http-client.js';
import { Http2Client } from './http2-client.js';

/** One connection to a server, which is kept between requests. */
export interface Client {
  ask(path: string, asked?: Asked): Promise<Answer>;
  close(): unknown;
}

/** One of the ways in which a server speaks HTTP. */
export interface Protocol {
  readonly name: string;
  readonly options: Partial<ServerOptions>;
  readonly version: '1.1' | '2.0';
  connect(url: string): Promise<Client>;
}

async function connectHttp1(url: string): Promise<Client> {
  const agent = keepAlive(url.startsWith('https:'));
  return {
    ask: (path, asked) => ask(new URL(path, url), { ...asked, agent }),
    close: () => agent.destroy(),
  };
}

const connectHttp2 = (url: string): Promise<Client> => Http2Client.connect(url);

/** What holds for one holds for all of them. */
export const protocols: Protocol[] = [
  { name: 'http', options: {}, version: '1.1', connect: connectHttp1 },
  { name: 'https', options: { tls }, version: '1.1', connect: connectHttp1 },
  { name: 'h2c', options: { protocol: 'http2' }, version: '2.0', connect: connectHttp2 },
  { name: 'h2', options: { protocol: 'http2', tls }, version: '2.0', connect: connectHttp2 },
];
