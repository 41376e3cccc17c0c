/** One Nest application with the same controller on its main server and on a server of the pool. */
import { NestFactory } from '@nestjs/core';
import { HttpPoolModule, PoolService } from '../../dist/index.js';
import { answerCommands } from '../harness/child.js';
import { createController, createModule } from './controllers.js';

answerCommands({
  /** `control` is a second application of the same kind: how far it is from `main` is the noise. */
  async start({ isReversed }) {
    const { main, pooled } = await startBoth(isReversed);
    const control = (await startBoth(isReversed)).main;
    return isReversed ? { control, pooled, main } : { main, pooled, control };
  },
  begin() {
    return process.cpuUsage();
  },
  end(begin) {
    const { user, system } = process.cpuUsage(begin);
    return user + system;
  },
});

async function startBoth(isReversed) {
  const onMain = createController('items');
  const onPool = createController('items');
  const imports = [
    HttpPoolModule.forRoot([{ name: 'admin', listen: '127.0.0.1:0' }]),
    HttpPoolModule.forFeature({ server: 'admin', controllers: [onPool] }),
  ];
  const app = await NestFactory.create(createModule({ imports, controllers: [onMain] }), {
    logger: false,
  });
  if (isReversed) await app.init();
  await app.listen(0, '127.0.0.1');
  return {
    main: app.getHttpServer().address().port,
    pooled: app.get(PoolService).get('admin').address.port,
  };
}
