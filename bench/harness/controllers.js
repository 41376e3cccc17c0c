/** Controllers and modules without a compiler: the decorators are called by hand. */
import 'reflect-metadata';
import { Body, Controller, Get, Module, Param, ParseIntPipe, Post } from '@nestjs/common';

/** Decorates a method that takes one parameter, of this type. */
function decorateMethod({ prototype }, key, type, ...decorators) {
  Reflect.defineMetadata('design:paramtypes', [type], prototype, key);
  const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
  for (const decorator of decorators) decorator(prototype, key, descriptor);
}

/** A class of its own each time, all with the same routes below their own path. */
export function createController(path, name = 'ItemController') {
  class ItemController {
    find(id) {
      return { id, name: 'an item' };
    }
    create(body) {
      return { created: true, ...body };
    }
  }
  Object.defineProperty(ItemController, 'name', { value: name });
  decorateMethod(ItemController, 'find', Number, Get(':id'));
  Param('id', ParseIntPipe)(ItemController.prototype, 'find', 0);
  decorateMethod(ItemController, 'create', Object, Post());
  Body()(ItemController.prototype, 'create', 0);
  Controller(path)(ItemController);
  return ItemController;
}

/** One trivial route. */
export class HelloController {
  hello() {
    return 'Hello world';
  }
}
decorateMethod(HelloController, 'hello', Object, Get('hello'));
Controller()(HelloController);

export function createModule(metadata) {
  class AppModule {}
  Module(metadata)(AppModule);
  return AppModule;
}
