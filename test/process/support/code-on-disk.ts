import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const library = new URL('../../../dist/index.js', import.meta.url).href;

/** What of an application's code a test says. */
export interface Code {
  /** The first word of its answers. */
  readonly says: string;
  readonly before?: string;
  readonly after?: string;
  /** JSON of the servers' options beside the first one's. */
  readonly servers?: readonly object[];
}

/** The entry file of an application in a folder of its own, which a test deploys again and again. */
export class CodeOnDisk {
  private constructor(
    readonly folder: string,
    readonly listen: string,
  ) {}

  static async at(listen = '127.0.0.1:0'): Promise<CodeOnDisk> {
    return new CodeOnDisk(await mkdtemp(join(tmpdir(), 'code-')), listen);
  }

  get entry(): string {
    return join(this.folder, 'main.mjs');
  }

  /** A pool of servers that answer `<says> <pid> <body>`; `before` and `after` are code around its start. */
  async deploy({ says, before = '', after = '', servers = [] }: Code): Promise<void> {
    const all = [{ name: 'main', listen: this.listen }, ...servers];
    await this.write(`
import { text } from 'node:stream/consumers';
import { Pool, PooledServer } from '${library}';
const handler = async (request, response) => {
  const body = await text(request);
  const [, wait] = /[?]wait=([0-9]+)/.exec(request.url) ?? [];
  if (wait) await new Promise((resolve) => setTimeout(resolve, Number(wait)));
  response.end(\`${says} \${process.pid} \${body}\`);
};
const handlers = () => ({ default: handler });
${before}
const pool = new Pool();
for (const options of ${JSON.stringify(all)}) {
  await pool.store(PooledServer.create(options, { handlers }));
}
await pool.start();
for (const { name, address } of pool) console.log(\`\${name} listens on \${address.path ?? address.port}\`);
${after}
`);
  }

  write(code: string): Promise<void> {
    return writeFile(this.entry, code);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
