/** What docs/third-party.md says of packages that mount themselves. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpressAdapter } from '@bull-board/express';
import { Controller, Get, Module, type DynamicModule } from '@nestjs/common';
import { ServeStaticModule } from '@nestjs/serve-static';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule } from 'nestjs-http-pool';
import { platforms, urlOf } from '../nest/support/adapters.js';
import { allowRequire } from '../nest/support/allow-require.js';
import { LOOPBACK } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

await allowRequire('content-disposition', '@fastify/static');
await allowRequire('@nestjs/common', '@bull-board/nestjs');
await allowRequire('@nestjs/core', '@bull-board/nestjs');
await allowRequire('@nestjs/bull-shared', '@bull-board/nestjs');
const { BullBoardModule } = await import('@bull-board/nestjs');

@Controller('own')
class OwnController {
  @Get()
  own(): string {
    return 'own';
  }
}

describe.each(platforms)('a package that mounts itself on $name', ({ name, create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  /** The status of a path on the server of the application and on one with controllers of its own. */
  async function statuses(imported: DynamicModule, path: string): Promise<number[]> {
    class AppModule {}
    Module({
      imports: [
        HttpPoolModule.forRoot([
          { name: 'public', listen: LOOPBACK },
          { name: 'admin', listen: LOOPBACK },
        ]),
        HttpPoolModule.forFeature({ server: 'admin', controllers: [OwnController] }),
        imported,
      ],
    })(AppModule);
    const app = await create(AppModule);
    opened.onClose(() => app.close());
    await app.init();
    const answers = ['public', 'admin'].map((server) => ask(urlOf(app, server, path)));
    return (await Promise.all(answers)).map(({ status }) => status);
  }

  it('on the adapter, as @nestjs/serve-static, is on the servers of the application', async () => {
    const rootPath = await opened.folder();
    await writeFile(join(rootPath, 'page.txt'), 'a page');
    const files = ServeStaticModule.forRoot({ rootPath, serveRoot: '/files' });
    expect(await statuses(files, '/files/page.txt')).toEqual([200, 404]);
  });

  if (name === 'express') {
    it('by configure() and a path, as @bull-board/nestjs, is on every server', async () => {
      const board = BullBoardModule.forRoot({ route: '/queues', adapter: ExpressAdapter });
      expect(await statuses(board, '/queues')).toEqual([200, 200]);
    });
  }
});
