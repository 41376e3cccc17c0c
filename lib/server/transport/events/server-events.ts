import type { IncomingMessage, ServerResponse } from 'node:http';

const CONNECTION_KINDS = ['http1', 'http2', 'upgraded', 'connect'] as const;

/** What a connection is at a moment, and under which name a cut of it is reported. */
export type ConnectionKind = (typeof CONNECTION_KINDS)[number];

/** `tls`: in its handshake. */
export const SOCKET_KINDS = [...CONNECTION_KINDS, 'tls'] as const;

export type SocketKind = (typeof SOCKET_KINDS)[number];

/** What a connection was when it was cut because the grace of a stop ran out. */
export const CUT_KINDS = [...SOCKET_KINDS, 'idle'] as const;

export type CutKind = (typeof CUT_KINDS)[number];

/** Why a connection was not taken. */
export const REFUSAL_REASONS = ['limit', 'proxy_header', 'tls'] as const;

export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** Why a request was answered 503 without its handler. */
export const SHED_REASONS = ['max_handlers', 'overload', 'max_upgraded'] as const;

export type ShedReason = (typeof SHED_REASONS)[number];

/** How a request ended. */
export interface RequestEnd {
  /** The status that was sent; undefined when its connection ended before there was one. */
  readonly status: number | undefined;
  /** Answered whole, as far as this side can know. */
  readonly finished: boolean;
}

/**
 * What a server tells those who watch it: metrics, diagnostics and the like, of which it knows
 * nothing. Each event is a method that may be left out. They are called within the turn in which it
 * happened, on the way of the request: be quick, and keep nothing of a request beyond its end.
 *
 * A server that nobody observes makes no call and keeps no state for it. What an observer throws is
 * told once to the log and has no effect on the server.
 */
export interface ServerEvents {
  /** A socket was accepted: `tls` before its handshake, `http1` where there is none. */
  connectionAccepted?(kind: SocketKind): void;
  /**
   * A connection was not taken, or its handshake failed. An accepted one is told as closed, too. By `limit` with the port
   * that it came from, where that is known.
   */
  connectionRefused?(reason: RefusalReason, port?: number): void;
  /** A handshake is done, or a connection became something else: a session, a WebSocket. */
  connectionKindChanged?(kind: ConnectionKind, previous: SocketKind): void;
  /** An accepted socket is gone; `tls`: within its handshake. */
  connectionClosed?(kind: SocketKind): void;
  /** A connection was cut because a grace ran out; it is told as closed, too. */
  connectionCut?(kind: CutKind): void;
  /** The head of a request is read: before limits, and before its handler. */
  requestBegun?(request: IncomingMessage, response: ServerResponse): void;
  /** Once for each begun request: it is answered, or can no longer be. */
  requestEnded?(request: IncomingMessage, response: ServerResponse, end: RequestEnd): void;
  /** A request is answered 503 by a limit. It is told as begun and ended, too. */
  requestShed?(request: IncomingMessage, reason: ShedReason): void;
  /** A request asks to take its socket over: it is no `requestBegun`. */
  upgradeBegun?(request: IncomingMessage, kind: 'upgraded' | 'connect'): void;
  /** A stop is over: how long it took from its first moment, delay included. */
  drained?(durationMs: number): void;
}

/** The names of all events, for what goes through them. The type refuses a list that lacks one. */
const names = Object.keys({
  connectionAccepted: true,
  connectionRefused: true,
  connectionKindChanged: true,
  connectionClosed: true,
  connectionCut: true,
  requestBegun: true,
  requestEnded: true,
  requestShed: true,
  upgradeBegun: true,
  drained: true,
} satisfies Record<keyof ServerEvents, true>) as (keyof ServerEvents)[];

/** Told of what an observer threw. */
type ObserverFailed = (error: unknown) => void;

/**
 * One object that tells all observers; undefined for none. An event that no observer has is absent,
 * so that it costs what an event of nobody costs.
 */
export function tellAll(
  observers: readonly ServerEvents[],
  failed: ObserverFailed,
): ServerEvents | undefined {
  if (observers.length === 0) return undefined;
  const entries = names.flatMap((name) => {
    const told = observers.filter((observer) => observer[name] !== undefined);
    return told.length === 0 ? [] : [[name, tellEach(name, told, failed)] as const];
  });
  return Object.fromEntries(entries) as ServerEvents;
}

type Event = (...args: unknown[]) => unknown;

function tellEach(
  name: keyof ServerEvents,
  observers: readonly ServerEvents[],
  failed: ObserverFailed,
): Event {
  const [only] = observers;
  if (only !== undefined && observers.length === 1) {
    const event = (only[name] as Event).bind(only);
    // As many as any event has: without a list of them, for it is done for each request.
    return (one, two, three) => {
      try {
        event(one, two, three);
      } catch (error) {
        failed(error);
      }
    };
  }
  return (...args) => {
    for (const observer of observers) {
      try {
        (observer[name] as Event).apply(observer, args);
      } catch (error) {
        failed(error);
      }
    }
  };
}
