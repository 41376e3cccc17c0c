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

function appModule({ common, pool: { HttpPoolModule } }, listen) {
  class AppModule {}
  common.Module({
    imports: [
      HttpPoolModule.forRoot([
        { name: 'public', listen },
        { name: 'admin', listen, monitor: { fallCountWarn: 1 } },
      ]),
      HttpPoolModule.forFeature({ server: 'admin', controllers: [controllerOf(common, 'status')] }),
    ],
    controllers: [controllerOf(common, 'hello')],
  })(AppModule);
  return AppModule;
}

async function statusOf(server, path) {
  const response = await fetch(new URL(path, server.url));
  await response.text();
  return response.status;
}

async function checkServers(app, { PoolService, PoolHealthIndicator }) {
  try {
    await app.init();
    const servers = app.get(PoolService);
    assert.equal(await statusOf(servers.get('public'), '/hello'), 200);
    assert.equal(await statusOf(servers.get('public'), '/status'), 404);
    assert.equal(await statusOf(servers.get('admin'), '/status'), 200);
    assert.equal(await statusOf(servers.get('admin'), '/hello'), 404);
    await checkHealth(app.get(PoolHealthIndicator), servers.get('public'));
  } finally {
    await app.close();
  }
}

/** Every status is a result that this version of terminus takes; 11 has no `degraded`. */
async function checkHealth(health, server) {
  assert.equal((await health.check('public', 'public')).public.status, 'up');
  for (const status of ['up', 'degraded', 'down']) {
    const result = health.result('key', status, { message: 'why' }).key;
    assert.ok(result.status === status || (result.status === 'up' && result.degraded), status);
  }
  await server.stop();
  assert.equal((await health.check('public', 'public')).public.status, 'down');
}

/** Takes the modules as the caller loaded them, which is what is being checked. */
module.exports = async function serve(packages) {
  const { core, testing, pool } = packages;
  const logger = ['error', 'warn'];
  const app = await core.NestFactory.create(appModule(packages, '127.0.0.1:0'), { logger });
  await checkServers(app, pool);
  // A port that may be anybody's: it is not bound.
  const builder = testing.Test.createTestingModule({ imports: [appModule(packages, ':80')] });
  const compiled = await pool.ephemeralServers(builder).compile();
  await checkServers(compiled.createNestApplication({ logger }), pool);
};
