import type { IncomingMessage } from 'node:http';
import { isRecord } from '../../config/record.js';
import { messageOf, printable, stackOf } from '../../errors/printable.js';
import type { PoolLogger } from '../../server/log/pool-logger.js';
import type { PooledServer } from '../../server/pooled-server.js';
import { jsonAnswer, type Answer, type Exchange } from '../exchange.js';
import type { DashboardOptions } from '../management.config.js';
import type { Route } from '../management-handler.js';
import { MAX_BODY_BYTES, readBody } from './request-body.js';
import { foreignBy, isJsonRequest } from './same-site.js';

type Allows = NonNullable<DashboardOptions['actions']>;

/** What was asked for, once it is allowed. */
export type Action = (
  asked: Readonly<Record<string, unknown>>,
  request: IncomingMessage,
) => Promise<Answer>;

/** What the page tells its reader. */
export function told(status: number, message: string, more: object = {}): Answer {
  return jsonAnswer(status, { message, ...more });
}

/** Lets an action through that the page itself sent, and that the given function allows. */
export class ActionGate {
  private hasWarned = false;

  constructor(
    private readonly allows: Allows,
    private readonly own: PooledServer,
    private readonly logger: PoolLogger,
  ) {}

  route(action: Action): Route {
    return {
      methods: ['POST'],
      answer: async (exchange) => {
        const answer = await this.answerTo(exchange, action);
        if (answer !== undefined) exchange.send(answer);
      },
    };
  }

  /** Undefined for a client that is gone. */
  private async answerTo({ request }: Exchange, action: Action): Promise<Answer | undefined> {
    const { tls: secure, expose } = this.own;
    const foreign = foreignBy(request, { secure, expose });
    if (foreign !== undefined) return told(403, `Refused: ${foreign}`);
    if (!isJsonRequest(request)) return told(415, 'Refused: its body is no application/json');
    if (!(await this.isAllowed(request))) return told(403, 'Refused: you may not do this');
    const body = await readBody(request);
    if (body === 'gone') return undefined;
    if (body === 'too large') {
      return told(413, `Refused: its body is larger than ${MAX_BODY_BYTES} bytes`);
    }
    const asked = parse(body.text);
    return isRecord(asked)
      ? action(asked, request)
      : told(400, 'Refused: its body is no JSON object');
  }

  /** Anything but `true` is a no: a function that fails, or forgets to answer, opens nothing. */
  private async isAllowed(request: IncomingMessage): Promise<boolean> {
    const { allows } = this;
    try {
      return (await allows(request)) === true;
    } catch (error) {
      // Once: who is refused may ask again and again.
      if (!this.hasWarned) {
        this.hasWarned = true;
        const what = `dashboard.actions failed, so the action was refused: ${printable(messageOf(error))}`;
        this.logger.error(`${printable(this.own.name)}: ${what}`, stackOf(error));
      }
      return false;
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
