import type { Duplex } from 'node:stream';
import { afterEach, expect, it } from '@jest/globals';
import type { HandlerEntry } from '../../../lib/index.js';
import { gate } from '../../support/events.js';
import { LOOPBACK } from '../../support/handlers.js';
import { Opened } from '../../support/opened.js';
import { get, RawClient } from '../../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

it('keeps the connection of an upgrade that is pipelined behind a request while the server closes', async () => {
  const [asked, answer] = [gate<Duplex>(), gate()];
  const handler: HandlerEntry = {
    request: (_request, response) => void answer.opened.then(() => response.end('answered')),
    upgrade: (_request, socket) => asked.open(socket),
  };
  const config = { name: 'a', listen: LOOPBACK, shutdown: { delay: '1h' } };
  const server = opened.server(config, { handlers: () => ({ default: handler }) });
  await server.start();
  const client = await RawClient.connect(server.url ?? '');
  opened.onClose(() => client.close());
  const stopped = server.stop();
  client.send(get('/') + get('/', 'Connection: Upgrade', 'Upgrade: test'));
  const socket = await asked.opened;
  answer.open();
  await client.until('answered');
  socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  await client.until('101');
  expect(client.received).not.toContain('Connection: close');
  void server.stop({ timeout: 0 });
  expect((await stopped).cut).toMatchObject({ http1: 0, upgraded: 1 });
});
