import { Logger, LoggerModule } from 'nestjs-pino';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Opened, platforms } from '../nest/support/adapters.js';
import { LOOPBACK } from '../support/handlers.js';
import { HANDLERS, moduleWith, of } from './support.js';

const WEB = { name: 'web', listen: LOOPBACK, expose: 'https://web.test' };

/** Of all tests: nestjs-pino keeps the stream that a process gave it first. */
const byPino: string[] = [];

describe.each(platforms)('the log on $name', ({ create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('is JSON, an object a line, with nestjs-pino', async () => {
    const before = byPino.length;
    const stream = { write: (line: string) => void byPino.push(line) };
    const pino = LoggerModule.forRoot({ pinoHttp: [{ level: 'info' }, stream] });
    const options = { servers: [WEB], management: LOOPBACK, logTable: true, ...HANDLERS };
    const app = opened.app(await create(moduleWith(options, [pino]), { bufferLogs: true }));
    app.useLogger(app.get(Logger));
    await app.init();
    const { url } = of(app).pool.get('web')!;
    const objects = byPino
      .slice(before)
      .flatMap((text) => text.trim().split('\n'))
      .map((line) => JSON.parse(line) as { context: string; msg: string; level: number })
      .filter(({ context }) => context === 'HttpPool');
    const at = url!.slice('http://'.length);
    expect(objects).toContainEqual(
      expect.objectContaining({
        level: 30,
        msg: `web (${at}): running on ${url}, exposed as https://web.test`,
      }),
    );
    expect(objects.filter(({ msg }) => msg.startsWith('Servers of'))).toHaveLength(1);
  });
});
