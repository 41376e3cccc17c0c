/** One Nest app on two servers; its decorators are called by hand, for want of a compiler. */
const assert = require('node:assert/strict');

function controllerOf({ Controller, Get }, path) {
  class PackedController {
    answer() {
      return { path };
    }
  }
  const method = Object.getOwnPropertyDescriptor(PackedController.prototype, 'answer');
  Get(path)(PackedController.prototype, 'answer', method);
  Controller()(PackedController);
  return PackedController;
}

async function statusOf(server, path) {
  const response = await fetch(new URL(path, server.url));
  await response.text();
  return response.status;
}

/** Takes the modules as the caller loaded them, which is what is being checked. */
module.exports = async function serve({ common, core, pool }) {
  const { HttpPoolModule, PoolService } = pool;
  class AppModule {}
  common.Module({
    imports: [
      HttpPoolModule.forRoot([
        { name: 'public', listen: '127.0.0.1:0' },
        { name: 'admin', listen: '127.0.0.1:0' },
      ]),
      HttpPoolModule.forFeature({ server: 'admin', controllers: [controllerOf(common, 'status')] }),
    ],
    controllers: [controllerOf(common, 'hello')],
  })(AppModule);

  const app = await core.NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  try {
    await app.init();
    const servers = app.get(PoolService);
    assert.equal(await statusOf(servers.get('public'), '/hello'), 200);
    assert.equal(await statusOf(servers.get('public'), '/status'), 404);
    assert.equal(await statusOf(servers.get('admin'), '/status'), 200);
    assert.equal(await statusOf(servers.get('admin'), '/hello'), 404);
  } finally {
    await app.close();
  }
};
