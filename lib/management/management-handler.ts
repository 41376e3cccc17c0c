import type { IncomingMessage, ServerResponse } from 'node:http';
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
  readonly answer: (exchange: Exchange) => unknown;
}

/** The paths of the management server, each as it is sent. */
export type Routes = ReadonlyMap<string, Route>;

/** What it returns is seen by who calls it: of a failure the answer is 500, and the log tells. */
type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

const READING = ['GET', 'HEAD'];

/**
 * Answers the paths of the table, and leaves every other one to the handler that comes after, or
 * answers it 404. It has no part in the pipeline of the application: it answers while that is broken.
 */
export function managementHandler(routes: Routes, next: Handler | undefined): Handler {
  const request: Listener = (incoming, response) => {
    const exchange = new Exchange(incoming, response);
    const route = routes.get(exchange.path);
    if (route) return answer(route, exchange);
    if (next) return next.request(incoming, response);
    return exchange.send(textAnswer(404, 'Not Found'));
  };
  if (next?.checkContinue === undefined) return { ...next, request };
  const others = next.checkContinue;
  const checkContinue: Listener = (incoming, response) => {
    const isOurs = routes.has(new Exchange(incoming, response).path);
    return isOurs ? request(incoming, response) : others(incoming, response);
  };
  return { ...next, request, checkContinue };
}

function answer({ methods = READING, answer: tell }: Route, exchange: Exchange): unknown {
  if (methods.includes(exchange.request.method ?? '')) return tell(exchange);
  return exchange.send(textAnswer(405, 'Method Not Allowed', { Allow: methods.join(', ') }));
}
