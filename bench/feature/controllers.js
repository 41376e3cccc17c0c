/** Controllers and modules without a compiler: the decorators are called by hand. */
import 'reflect-metadata';
import { Body, Controller, Get, Module, Param, ParseIntPipe, Post } from '@nestjs/common';

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
  const { prototype } = ItemController;
  const decorate = (key, type, ...decorators) => {
    Reflect.defineMetadata('design:paramtypes', [type], prototype, key);
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
    for (const decorator of decorators) decorator(prototype, key, descriptor);
  };
  decorate('find', Number, Get(':id'));
  Param('id', ParseIntPipe)(prototype, 'find', 0);
  decorate('create', Object, Post());
  Body()(prototype, 'create', 0);
  Controller(path)(ItemController);
  return ItemController;
}

export function createModule(metadata) {
  class AppModule {}
  Module(metadata)(AppModule);
  return AppModule;
}
