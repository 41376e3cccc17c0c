/** The Nest application of every row; its decorators are called by hand, for want of a compiler. */
import 'reflect-metadata';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

class AppController {
  read() {
    return 'x'.repeat(20_000);
  }

  write() {
    return 'written';
  }
}
const methodOf = (name) => Object.getOwnPropertyDescriptor(AppController.prototype, name);
Get()(AppController.prototype, 'read', methodOf('read'));
Post()(AppController.prototype, 'write', methodOf('write'));
Controller()(AppController);

export async function createApplication(imports = []) {
  class AppModule {}
  Module({ imports, controllers: [AppController] })(AppModule);
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  app.enableShutdownHooks();
  return app;
}

export const port = Number(process.env.PORT);
