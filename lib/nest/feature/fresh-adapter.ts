import type { AbstractHttpAdapter } from '@nestjs/core';
import { copyExpressSettings } from '../internals/express.js';
import { fastifyOptionsOf } from '../internals/fastify.js';

type AdapterClass = new (options?: unknown) => AbstractHttpAdapter;

/** An adapter of the same class as the application's, with the same settings and no routes. */
export function freshAdapter(adapter: AbstractHttpAdapter): AbstractHttpAdapter {
  const Adapter = adapter.constructor as AdapterClass;
  if (adapter.getType() === 'fastify') return new Adapter(fastifyOptionsOf(adapter.getInstance()));
  const fresh = new Adapter();
  if (adapter.getType() === 'express') {
    copyExpressSettings(adapter.getInstance(), fresh.getInstance());
  }
  return fresh;
}
