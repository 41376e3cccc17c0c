import { Controller, Get, Header, Module, Res } from '@nestjs/common';
import { HttpPoolModule } from 'nestjs-http-pool';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Http2Client } from '../support/http2-client.js';
import { get, RawClient } from '../support/raw-client.js';
import { Opened, platforms, textOf, urlOf } from './support/adapters.js';

const LOOPBACK = '127.0.0.1:0';

const fail = (): never => {
  throw new Error('out of order');
};

/** What no filter, and no framework, can look at. */
const thrown: Record<string, () => unknown> = {
  null: () => null,
  undefined: () => undefined,
  'an object without a prototype': () => Object.create(null) as unknown,
  'an error whose message throws': () =>
    Object.defineProperty(new Error('hidden'), 'message', { get: fail }),
  'an error whose stack throws': () =>
    Object.defineProperty(new Error('hidden'), 'stack', { get: fail }),
  'an object whose toString throws': () => ({ toString: fail, [Symbol.toPrimitive]: fail }),
  'a proxy that throws for everything': () => new Proxy({}, { get: fail, has: fail }),
};

interface ExpressResponse {
  write(text: string): void;
}

@Controller()
class FailingController {
  static next: () => unknown = () => undefined;

  @Get('throws')
  throws(): never {
    throw FailingController.next();
  }

  @Get('rejects')
  async rejects(): Promise<never> {
    await new Promise(setImmediate);
    throw FailingController.next();
  }

  @Get('begun')
  async begun(@Res() response: ExpressResponse): Promise<never> {
    response.write('half');
    await new Promise(setImmediate);
    throw FailingController.next();
  }

  @Get('trailer')
  @Header('Trailer', 'X-Sum')
  trailer(): string {
    return 'has no chunks';
  }

  @Get()
  fine(): string {
    return 'fine';
  }
}

/** The status of an answer, as it stands on the wire. */
async function statusOf(url: string, path: string): Promise<string> {
  const client = await RawClient.connect(url);
  client.send(get(path, 'Connection: close'));
  await client.closed;
  return client.received.slice('HTTP/1.1 '.length).slice(0, 3);
}

async function streamStatusOf(url: string, path: string): Promise<string> {
  const client = await Http2Client.connect(url);
  const { status } = await client.ask(path);
  await client.close();
  return String(status);
}

describe.each(platforms)('a controller on $name', ({ name, create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('that throws what nobody can look at costs its request alone', async () => {
    class App {}
    Module({
      imports: [
        HttpPoolModule.forRoot([
          { name: 'http', listen: LOOPBACK },
          { name: 'h2c', listen: LOOPBACK, protocol: 'http2' },
        ]),
      ],
      controllers: [FailingController],
    })(App);
    const app = opened.app(await create(App));
    // Who writes beside a reply of Fastify has to end it, too.
    const begun = name === 'express' ? ['/begun'] : [];
    // Nest ends what was begun.
    const ended = begun.flatMap(() => ['200', '200']);
    await app.init();
    for (const [what, make] of Object.entries(thrown)) {
      FailingController.next = make;
      const outcomes: string[] = [what];
      for (const path of ['/throws', '/rejects', ...begun]) {
        outcomes.push(await statusOf(urlOf(app, 'http'), path));
        outcomes.push(await streamStatusOf(urlOf(app, 'h2c'), path));
      }
      expect(outcomes).toEqual([what, '500', '500', '500', '500', ...ended]);
    }
    expect(await textOf(urlOf(app, 'http'))).toBe('fine');
  });
});

/** Express, whose own end of an error fails at it as well. */
describe('a controller on express', () => {
  const { create } = platforms.find(({ name }) => name === 'express')!;
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('with a Trailer, for which there are no chunks, costs its request alone', async () => {
    class App {}
    Module({
      imports: [HttpPoolModule.forRoot([{ name: 'http', listen: LOOPBACK }])],
      controllers: [FailingController],
    })(App);
    const app = opened.app(await create(App));
    await app.init();
    expect(await statusOf(urlOf(app, 'http'), '/trailer')).toBe('500');
    expect(await textOf(urlOf(app, 'http'))).toBe('fine');
  });
});
