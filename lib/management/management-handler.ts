import type { RequestListener } from 'node:http';
import type { Handler } from '../handler/handler.js';
import { Exchange, textAnswer } from './exchange.js';

/** What answers one path. */
export interface Route {
  /**
   * The methods that it takes; others are answered 405.
   *
   * @defaultValue GET and HEAD
   */
  readonly methods?: readonly string[];
  answer(exchange: Exchange): void | Promise<void>;
}

/** The paths of the management server, each as it is sent. */
export type Routes = ReadonlyMap<string, Route>;

const READING = ['GET', 'HEAD'];

/**
 * Answers the paths of the table, and leaves every other one to the handler that comes after, or
 * answers it 404. It has no part in the pipeline of the application: it answers while that is broken.
 */
export function managementHandler(routes: Routes, next: Handler | undefined): Handler {
  const request: RequestListener = (incoming, response) => {
    const exchange = new Exchange(incoming, response);
    const route = routes.get(exchange.path);
    if (route) return answer(route, exchange);
    if (next) return next.request(incoming, response);
    exchange.send(textAnswer(404, 'Not Found'));
  };
  if (next?.checkContinue === undefined) return { ...next, request };
  const others = next.checkContinue;
  const checkContinue: RequestListener = (incoming, response) => {
    const isOurs = routes.has(new Exchange(incoming, response).path);
    return isOurs ? request(incoming, response) : others(incoming, response);
  };
  return { ...next, request, checkContinue };
}

/** What is returned is seen by who called the handler: a failure is answered 500, and logged. */
function answer(
  { methods = READING, answer: tell }: Route,
  exchange: Exchange,
): void | Promise<void> {
  if (methods.includes(exchange.request.method ?? '')) return tell(exchange);
  exchange.send(textAnswer(405, 'Method Not Allowed', { Allow: methods.join(', ') }));
}
