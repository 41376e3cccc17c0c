import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { Opened } from '../../support/opened.js';
import type { Child } from './child.js';
import { Clone } from './clone.js';

type Environment = Record<string, string>;

/** The sample that a spec is about: built once, and what a test starts of it ends with that test. */
export class Sample {
  readonly opened = new Opened();
  private clone?: Clone;

  /** @param port0 The variables of all its addresses, so that no test needs a fixed port */
  constructor(
    name: string,
    private readonly port0: Environment,
  ) {
    // Two compilers and a Nest application start here, on a machine that runs other tests too.
    jest.setTimeout(60_000);
    beforeAll(async () => {
      this.clone = await Clone.of(name);
    });
    afterEach(() => this.opened.closeAll());
    afterEach(() => this.clone?.stopAll());
    afterAll(() => this.clone?.remove());
  }

  /** Where a file of it is, as it was built. */
  path(name: string): string {
    return this.clone!.path(name);
  }

  run(env: Environment = {}): Child {
    return this.clone!.run({ ...this.port0, ...env });
  }

  /** Runs it, and resolves when it serves, to the URLs of its servers by their names. */
  async serve(): Promise<{ child: Child; urls: Record<string, string> }> {
    const child = this.run();
    const [table] = await child.until(/^┌[^]*┘$/m);
    return { child, urls: urlsOf(table) };
  }

  /** Registers the test that takes the port of a server. */
  itEndsOnTakenPort(server: string, variable: string): void {
    it('ends with 1 and says which port is taken', async () => {
      const { listen } = await this.opened.takenPort();
      const child = this.run({ [variable]: listen });
      expect(await child.exited).toEqual({ code: 1, signal: null });
      expect(child.output).toContain(`Server '${server}' cannot listen on ${listen}`);
      expect(child.output).not.toMatch(/^ +at /m);
    });
  }
}

/** From rows of an index, a name, a bind address, an exposed URL and a state, between `│`. */
function urlsOf(table: string): Record<string, string> {
  const row = /│ *'([^']+)' *│ *'[^']+' *│ *'([^']+)' *│ *'running' *│$/gm;
  return Object.fromEntries([...table.matchAll(row)].map(([, name, url]) => [name, url]));
}
