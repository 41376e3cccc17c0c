import type { HandlerEntry } from '../../../../lib/index.js';
import { LOOPBACK } from '../../../support/handlers.js';
import type { Answer } from '../../../support/http-client.js';
import type { Opened } from '../../../support/opened.js';
import { protocols, type Client } from '../../../support/protocols.js';

export interface Asking {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** The length of the body is not told: in chunks over HTTP/1.1. */
  readonly isUnmeasured?: true;
}

/** Of the connection, or of the moment. */
const NOT_COMPARED = [
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
];

/** One handler on one server for each protocol. */
export class SideBySide {
  private constructor(private readonly clients: Map<string, Client>) {}

  static async open(opened: Opened, makeHandler: () => HandlerEntry): Promise<SideBySide> {
    const clients = new Map<string, Client>();
    for (const { name, options, connect } of protocols) {
      const handlers = () => ({ default: makeHandler() });
      const server = opened.server({ name, listen: LOOPBACK, ...options }, { handlers });
      await server.start();
      const client = await connect(server.url ?? '');
      opened.onClose(() => client.close());
      clients.set(name, client);
    }
    return new SideBySide(clients);
  }

  /** The answer over each protocol, without what differs by the protocol. */
  async ask(
    path: string,
    { headers = {}, isUnmeasured, ...asking }: Asking = {},
  ): Promise<Record<string, Answer>> {
    const answers: Record<string, Answer> = {};
    for (const [name, client] of this.clients) {
      const { host = 'app.example.com:8080', ...rest } = headers;
      const hosted = name.startsWith('h2')
        ? { ...rest, ':authority': host }
        : { ...rest, host, ...(isUnmeasured && { 'transfer-encoding': 'chunked' }) };
      // The name that the certificate is checked for, which would be that of the host.
      const asked = { ...asking, headers: hosted, servername: 'localhost' };
      answers[name] = compared(await client.ask(path, asked));
    }
    return answers;
  }
}

function compared({ status, headers, body }: Answer): Answer {
  const kept = Object.entries(headers).filter(([name]) => !NOT_COMPARED.includes(name));
  const seen = Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
  if (seen.date) seen.date = 'a date';
  // Node's HTTP/2 client takes it off, for a 204 may not have one.
  if (status === 204) delete seen['content-length'];
  return { status, headers: seen, body };
}
