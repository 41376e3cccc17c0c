import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { HttpPoolModuleOptions } from '../../lib/index.js';
import type { Opened } from '../nest/support/adapters.js';
import { LOOPBACK } from '../support/handlers.js';
import { ask, type Answer } from '../support/http-client.js';
import { HANDLERS, managed, type Make, type Managed } from './support.js';

export const WEB = { name: 'public', listen: LOOPBACK };

/** An application with a dashboard. */
export function dashboarded(
  opened: Opened,
  make: Make,
  dashboard: unknown,
  more: Partial<HttpPoolModuleOptions> = {},
): Promise<Managed> {
  const management = { listen: LOOPBACK, dashboard } as HttpPoolModuleOptions['management'];
  return managed(opened, make, { servers: [WEB], management, ...HANDLERS, ...more });
}

/** An action as the page sends it; undefined takes a header away. */
export async function act(
  { url }: Pick<Managed, 'url'>,
  asked: unknown,
  {
    path = '/dashboard/action',
    headers = {},
    method = 'POST',
  }: {
    path?: string;
    headers?: Record<string, string | undefined>;
    method?: string;
  } = {},
): Promise<Answer & { message: string }> {
  const target = url(path);
  const all: Record<string, string | undefined> = {
    'Content-Type': 'application/json',
    Origin: new URL(target).origin,
    'Sec-Fetch-Site': 'same-origin',
    ...headers,
  };
  const sent = Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const body = typeof asked === 'string' ? asked : JSON.stringify(asked);
  const answer = await ask(target, { method, headers: sent, body });
  const isJson = String(answer.headers['content-type']).startsWith('application/json');
  return { ...answer, message: isJson ? JSON.parse(answer.body).message : '' };
}

interface Told {
  readonly event: string;
  readonly data: any;
}

/** Reads the stream of a page. */
export class EventStream {
  readonly told: Told[] = [];
  readonly ended: Promise<unknown>;
  private text = '';
  private wake = (): void => undefined;

  private constructor(readonly response: IncomingMessage) {
    this.ended = once(response, 'end');
    response.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
      const blocks = this.text.split('\n\n');
      this.text = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (event !== undefined) this.told.push({ event, data: JSON.parse(data ?? 'null') });
      }
      this.wake();
    });
    response.on('error', () => undefined);
  }

  static async open({ url }: Pick<Managed, 'url'>): Promise<EventStream> {
    const asked = request(url('/dashboard/events'), { agent: false });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return new EventStream(response);
  }

  /** The first event, from those that have not been looked at, that is meant. */
  async until(isMeant: (told: Told) => boolean): Promise<Told> {
    for (;;) {
      const at = this.told.findIndex(isMeant);
      if (at >= 0) return this.told.splice(0, at + 1).at(-1)!;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  async close(): Promise<void> {
    this.response.destroy();
  }
}
