import type {
  BeforeApplicationShutdown,
  OnApplicationBootstrap,
  OnModuleDestroy,
} from '@nestjs/common';
import type { StartAllOptions, StopAllOptions } from './pool/group.options.js';
import { Pool } from './pool/pool.js';
import type { PoolOptions } from './pool/pool.options.js';
import type { DrainReport } from './server/server-state.js';

/** What ties the pool to the life of its application. @internal */
export interface PoolLife {
  open(pool: Pool): Promise<void>;
  /** Sees a start of the pool through. */
  starting(pool: Pool, start: () => Promise<void>): Promise<void>;
  /** The pool was stopped, and may be started again. */
  stopped(): void;
  /** The application has begun to shut down. */
  beginClose(): void;
  /** The application shuts down: nothing starts any more. */
  closeForGood(pool: Pool): Promise<void>;
}

/**
 * The pool of the application: a {@link Pool} that starts and stops with it. Inject it to look at
 * the servers and to change them while they run.
 *
 * Its servers start in `onApplicationBootstrap`, after that hook of every other module, and stop, drained,
 * in `beforeApplicationShutdown`, before that hook of every other module.
 */
export class PoolService
  extends Pool
  implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown
{
  /** Out of reach of `util.inspect`: it leads to Nest's container, which holds the options with their keys. */
  readonly #application: PoolLife;

  /** Made by `HttpPoolModule`. @internal */
  constructor(options: PoolOptions, application: PoolLife) {
    super(options);
    this.#application = application;
  }

  /** Called by Nest. */
  async onApplicationBootstrap(): Promise<void> {
    await this.#application.open(this);
  }

  override start(options?: StartAllOptions | null): Promise<void> {
    return this.#application.starting(this, () => super.start(options));
  }

  override stop(options?: StopAllOptions | null): Promise<DrainReport[]> {
    const stopping = super.stop(options);
    // One that is refused for its options stops nothing. A signal that has aborted before stops the pool
    // while it is made.
    if (!this.members.activity.isStarted && #application in this) this.#application.stopped();
    return stopping;
  }

  /** Called by Nest. */
  onModuleDestroy(): void {
    this.#application.beginClose();
    // Other modules come next, and the next application of the process may start meanwhile.
    for (const server of this) server.beginLeaving();
  }

  /** Called by Nest. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#application.closeForGood(this);
  }
}
