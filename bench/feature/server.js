/** One Nest application with the same controller on its main server and on a server of the pool. */
import { NestFactory } from '@nestjs/core';
import { HttpPoolModule, PoolService } from '../../dist/index.js';
import { answerCommands } from '../harness/child.js';
import { createController, createModule } from '../harness/controllers.js';
import { cpuClock } from '../harness/cpu.js';

/** The same application in either case: what differs is the port that is asked. */
async function start({ server }) {
  const onMain = createController('items');
  const onPool = createController('items');
  const imports = [
    HttpPoolModule.forRoot([{ name: 'admin', listen: '127.0.0.1:0' }]),
    HttpPoolModule.forFeature({ server: 'admin', controllers: [onPool] }),
  ];
  const app = await NestFactory.create(createModule({ imports, controllers: [onMain] }), {
    logger: false,
  });
  await app.listen(0, '127.0.0.1');
  if (server === 'main') return app.getHttpServer().address().port;
  return app.get(PoolService).get(server).address.port;
}

answerCommands({ start, ...cpuClock });
