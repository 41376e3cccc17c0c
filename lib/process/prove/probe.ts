import { setTimeout as delay } from 'node:timers/promises';
import type { Application } from './application.js';
import { lineOver, openConnection, ROLES, type RoleName } from './clients/client.js';
import { Connection } from './clients/connection.js';
import type { Exchange, Message } from './clients/exchange.js';
import type { Stage } from './load.js';
import { targetsOf, type Target } from './target.js';
import { WebSocketClient } from './clients/web-socket.js';

/** It could not be tried, and why. */
export class NotTried extends Error {
  override readonly name = 'NotTried';
}

/** One request in a role, on a connection of its own. */
async function once(target: Target, name: RoleName): Promise<Exchange> {
  const opened = await openConnection(target, ROLES[name]);
  if (!(opened instanceof Connection)) return opened;
  const message: Message = { ...ROLES[name].message, isProbe: true };
  if (name === 'websocket') {
    const client = new WebSocketClient(opened, message);
    const exchange = await client.open();
    if (client.isOpen) await client.held(AbortSignal.abort());
    client.close();
    return client.isOpen || exchange.lost ? exchange : { ...exchange, lost: 'unanswered' };
  }
  const line = lineOver(opened, message, () => undefined);
  const exchange = await line.exchange(message);
  line.close();
  return exchange ?? { ...unanswered(opened), lost: 'unanswered' };
}

function unanswered(connection: Connection): Exchange {
  const now = performance.now();
  const at = { beganAt: now, endedAt: now, connectionBegunAt: connection.begunAt };
  return { ...at, sent: 'nothing', received: 'nothing' };
}

/** Refuses to go on when somebody else answers at the URL: it would be tried instead. */
export async function refuseOthers(url: URL): Promise<void> {
  for (const target of await targetsOf(url)) {
    const { lost } = await once(target, 'new-connection');
    if (!lost) throw new NotTried(`${url.href} answers before the command was started`);
  }
}

/** Waits until the application answers at the URL, with less than 500, and finds the address. */
export async function waitForAnswer(
  url: URL,
  application: Application,
  timeoutMs: number,
): Promise<Target> {
  const until = performance.now() + timeoutMs;
  const targets = await targetsOf(url);
  let last: string = 'nothing';
  for (;;) {
    for (const target of targets) {
      const remaining = Math.max(until - performance.now(), 1);
      const answer = await Promise.race([
        once(target, 'new-connection'),
        delay(remaining, undefined, { ref: false }),
      ]);
      if (answer && !answer.lost) return target;
      // One that the end of the time cut short says less than the one before.
      last = answer?.lost ?? last;
    }
    if (application.exit) {
      const { code, signal } = application.exit;
      throw new NotTried(
        `the command ended (${signal ?? `code ${code}`}) before ${url.href} answered`,
      );
    }
    if (performance.now() >= until) {
      throw new NotTried(
        `${url.href} did not answer below 500 within ${timeoutMs / 1000} s of the start (last: ${last})`,
      );
    }
    await delay(50);
  }
}

/** Finds the roles that the application can take: a POST may fail there, and few upgrade. */
export async function findRoles(target: Target, without: ReadonlySet<RoleName>): Promise<Stage> {
  const roles: RoleName[] = [];
  const http2 = target.secure && (await speaksHttp2(target));
  for (const name of Object.keys(ROLES) as RoleName[]) {
    if (without.has(name) || (name.startsWith('h2') && !http2)) continue;
    if (!(await once(target, name)).lost) roles.push(name);
  }
  return { target, roles };
}

async function speaksHttp2(target: Target): Promise<boolean> {
  const opened = await openConnection(target, ROLES.h2);
  if (!(opened instanceof Connection)) return false;
  opened.close();
  return opened.isHttp2;
}
