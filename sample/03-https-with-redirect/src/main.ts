/** HTTPS with a certificate that may change at any time, and HTTP that redirects to it. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { PoolError, PoolService } from 'nestjs-http-pool';
import { AppModule } from './app.module.js';

try {
  const app = await NestFactory.create(AppModule, {
    abortOnError: false,
    // Nest's own report of a wrong config, with its stack, is dropped: the catch below tells of it.
    bufferLogs: true,
    autoFlushLogs: false,
  });
  app.flushLogs();
  // By default Nest ends the process by the signal that asked for it, and the exit code tells so.
  app.enableShutdownHooks(undefined, { useProcessExit: true });
  await app.init();
  console.table(app.get(PoolService).stats().servers, ['name', 'bind', 'expose', 'state']);
} catch (error) {
  // What an operator can mend needs no stack; anything else is a bug and keeps its own.
  if (!(error instanceof PoolError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
