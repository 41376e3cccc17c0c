import { ConsoleLogger } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Opened, platforms } from '../nest/support/adapters.js';
import { Logs } from '../nest/support/logs.js';
import { LOOPBACK } from '../support/handlers.js';
import { HANDLERS, managed, moduleWith, of } from './support.js';

const WEB = { name: 'web', listen: LOOPBACK, expose: 'https://web.test' };
const OFF = { name: 'off', listen: 'localhost:81', disabled: true, protocol: 'http2' as const };

describe.each(platforms)('the log on $name', ({ create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('has one line a change, with the real address and the URL in the one that says running', async () => {
    const logger = new Logs();
    const make = async (module: never) => create(module, { logger });
    const { pool, app } = await managed(opened, make as never, {
      servers: [WEB],
      management: LOOPBACK,
      ...HANDLERS,
    });
    const at = (name: string): string => pool.get(name)!.url!.slice('http://'.length);
    const [web, management] = [at('web'), at('management')];
    await app.close();
    const lines = logger.lines('HttpPool').map((line) => line.replace(/in \d+ ms/, 'in 0 ms'));
    expect(lines).toEqual([
      'management (127.0.0.1:0): starting',
      `management (${management}): running on http://${management}`,
      'web (127.0.0.1:0): starting',
      `web (${web}): running on http://${web}, exposed as https://web.test`,
      `web (${web}): draining`,
      `web (${web}): stopped (0 requests finished in 0 ms)`,
      `management (${management}): draining`,
      `management (${management}): stopped (0 requests finished in 0 ms)`,
    ]);
  });

  it('has a table of the servers on request, once for each start', async () => {
    const logger = new Logs();
    const make = async (module: never) => create(module, { logger });
    const { pool } = await managed(opened, make as never, {
      servers: [WEB, OFF],
      management: LOOPBACK,
      logTable: true,
      ...HANDLERS,
    });
    await pool.start();
    const tables = logger
      .lines('HttpPool')
      .filter((line) => line.startsWith('Servers of the pool:'));
    expect(tables).toHaveLength(1);
    const rows = tables[0]!.split('\n').map((line) => line.trim().split(/ {2,}/));
    const { url } = pool.get('web')!;
    const { url: own } = pool.get('management')!;
    expect(rows).toEqual([
      ['Servers of the pool:'],
      ['server', 'listens on', 'exposed as', 'protocol', 'state'],
      ['web', url, 'https://web.test', 'HTTP/1.1', 'running'],
      ['off', 'localhost:81', 'http://localhost:81', 'HTTP/2', 'disabled'],
      ['management', own, own, 'HTTP/1.1', 'running'],
    ]);
  });

  it("is JSON, an object a line, with Nest's JSON logger", async () => {
    const written: string[] = [];
    class Kept extends ConsoleLogger {
      protected override printAsJson(
        ...[message, options]: Parameters<ConsoleLogger['printAsJson']>
      ): void {
        written.push(JSON.stringify(this.getJsonLogObject(message, options as never)));
      }
    }
    const app = opened.app(
      await create(
        moduleWith({ servers: [WEB], management: LOOPBACK, logTable: true, ...HANDLERS }),
        {
          logger: new Kept({ json: true }),
        },
      ),
    );
    await app.init();
    const { url } = of(app).pool.get('web')!;
    const objects = written
      .map((line) => JSON.parse(line) as { context: string; message: string; level: string })
      .filter(({ context }) => context === 'HttpPool');
    expect(objects).toContainEqual(
      expect.objectContaining({
        level: 'log',
        message: `web (${url!.slice('http://'.length)}): running on ${url}, exposed as https://web.test`,
      }),
    );
    expect(objects.filter(({ message }) => message.startsWith('Servers of'))).toHaveLength(1);
  });

  it('drops the lines that hold a text of logFilter', async () => {
    const logger = new Logs();
    const make = async (module: never) => create(module, { logger });
    const logFilter = ['starting', 'draining'];
    const { app } = await managed(opened, make as never, {
      servers: [],
      management: { listen: LOOPBACK, logFilter },
    });
    await app.close();
    const words = logger.lines('HttpPool').map((line) => line.split(' ')[2]);
    expect(words).toEqual(['running', 'stopped']);
  });
});
