import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { Pool } from './pool/pool.js';
import type { PoolOptions } from './pool/pool.options.js';

/** What ties the pool to the life of its application. @internal */
export interface PoolLife {
  open(pool: Pool): Promise<void>;
  end(pool: Pool): Promise<void>;
}

/**
 * The pool of the application: a {@link Pool} that starts and stops with it. Inject it to look at
 * the servers and to change them while they run.
 *
 * Its servers start in `onApplicationBootstrap`, after that hook of every other module, and stop, drained,
 * in `beforeApplicationShutdown`, before that hook of every other module.
 */
export class PoolService extends Pool implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** Made by `HttpPoolModule`. @internal */
  constructor(
    options: PoolOptions,
    private readonly application: PoolLife,
  ) {
    super(options);
  }

  /** Called by Nest. */
  async onApplicationBootstrap(): Promise<void> {
    await this.application.open(this);
  }

  /** Called by Nest. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.application.end(this);
  }
}
