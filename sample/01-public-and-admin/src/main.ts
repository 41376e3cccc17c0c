/**
 * One Nest application on two servers: a public one, and an admin one that answers to the end.
 * `npm start` in the repository runs it; Ctrl-C drains it.
 *
 * PUBLIC_LISTEN (127.0.0.1:3000) and ADMIN_LISTEN (127.0.0.1:3001) say where they listen.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { PoolError, PoolService } from 'nestjs-http-pool';
import { AppModule } from './app.module.js';
import { serverTable } from './server-table.js';

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, {
    abortOnError: false,
    // Held back until the application is made: when a config is wrong, the catch below says so, and
    // Nest's own report of the same error, with its stack, is dropped.
    bufferLogs: true,
    autoFlushLogs: false,
  });
  app.flushLogs();
  // By default Nest ends the process by the signal that asked for it, and the exit code tells so.
  app.enableShutdownHooks(undefined, { useProcessExit: true });
  await app.init();

  const pool = app.get(PoolService);
  if (!pool.isRunning()) {
    await app.close();
    throw new PoolError('ERR_POOL_START', 'No server could be started, see above');
  }
  console.log(serverTable(pool.stats().servers));
}

try {
  await main();
} catch (error) {
  // What an operator can mend needs no stack; anything else is a bug and keeps its own.
  if (!(error instanceof PoolError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
