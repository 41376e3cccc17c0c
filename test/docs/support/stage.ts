import type { INestApplication, Type } from '@nestjs/common';
import type { Pool } from 'nestjs-http-pool';
import { platforms } from '../../nest/support/adapters.js';
import { LOOPBACK, says } from '../../support/handlers.js';
import { Opened } from '../../support/opened.js';
import type { GeneratedFiles } from './generated.js';

/** Where one block is driven; what it opens is closed afterwards. */
export class Stage {
  readonly opened = new Opened();
  private readonly made: INestApplication[] = [];

  constructor(
    private readonly files: GeneratedFiles,
    private readonly file: string,
  ) {}

  /** Imports the block, which runs it. */
  load(): Promise<any> {
    return this.files.load(this.file);
  }

  /** Imports the block anew. */
  loadAgain(): Promise<any> {
    return this.files.loadAgain(this.file);
  }

  /** The application that the block has made itself. */
  get app(): INestApplication {
    const [app] = this.made;
    if (!app) throw new Error(`${this.file} has made no application`);
    return app;
  }

  /** Told of each application that the block makes. */
  add(app: INestApplication): void {
    this.made.push(app);
    this.opened.onClose(() => app.close());
  }

  /** The application of a block that exports its module, once on each adapter. */
  async onEachPlatform(
    { AppModule }: { AppModule: Type },
    drive: (app: INestApplication) => Promise<void>,
  ): Promise<void> {
    for (const { create } of platforms) {
      const app = await create(AppModule);
      this.opened.onClose(() => app.close());
      await app.init();
      await drive(app);
      await app.close();
    }
  }

  /** A pool with a server 'web' that runs, for blocks that are given one. */
  async webPool(): Promise<Pool> {
    const pool = this.opened.pool({ handlers: () => ({ default: says('hello') }) });
    await pool.storeNew({ name: 'web', listen: LOOPBACK }, { start: true });
    return pool;
  }
}
