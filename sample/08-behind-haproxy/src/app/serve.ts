/** One replica: an application as any other. It knows of the balancer by its config alone. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { PoolError } from 'nestjs-http-pool';
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
} catch (error) {
  // What an operator can mend needs no stack; anything else is a bug and keeps its own.
  if (!(error instanceof PoolError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
