/** Boots one application with 50 controllers, on servers as asked for, and tells the CPU time it took. */
import { NestFactory } from '@nestjs/core';
import { HttpPoolModule } from '../../dist/index.js';
import { answerCommands } from '../harness/child.js';
import { createController, createModule } from '../harness/controllers.js';
import { cpuOf } from '../harness/cpu.js';

const controllers = Array.from({ length: 50 }, (_, i) =>
  createController(`items-${i}`, `Item${i}Controller`),
);

/** The controllers dealt out over a number of servers of the pool. */
function poolModule(serverCount) {
  const servers = Array.from({ length: serverCount }, (_, i) => ({
    name: `server-${i}`,
    listen: '127.0.0.1:0',
  }));
  const features = servers.map(({ name }, server) =>
    HttpPoolModule.forFeature({
      server: name,
      controllers: controllers.filter((_, i) => i % serverCount === server),
    }),
  );
  return createModule({ imports: [HttpPoolModule.forRoot(servers), ...features] });
}

const modules = {
  plain: () => createModule({ controllers }),
  oneServer: () => poolModule(1),
  fiveServers: () => poolModule(5),
};

answerCommands({
  async boot(kind) {
    const module = modules[kind]();
    let app;
    const took = await cpuOf(async () => {
      app = await NestFactory.create(module, { logger: false });
      if (kind === 'plain') await app.listen(0, '127.0.0.1');
      else await app.init();
    });
    await app.close();
    return took;
  },
});
