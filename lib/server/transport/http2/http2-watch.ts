import { constants, type ServerHttp2Session } from 'node:http2';
import type { TimeoutSettings } from '../../../config/options/timeouts.js';
import type { Connection } from '../connection/connection.js';
import { isSending } from '../connection/session-streams.js';
import { endIfForgotten } from './forgotten-stream.js';
import { goAway } from './go-away.js';
import { Liveness, type LivenessLimits } from './http2-liveness.js';
import { lookIntervalMs } from '../limits/look-interval.js';
import { breakOffSession } from '../node/node-http2.js';

/** How often sessions are looked at, see {@link lookIntervalMs}. */
const intervalRangeMs = [50, 5_000] as const;

/** For so long nothing may come on a session with an open stream before it is asked for a sign. */
const shortestSilenceMs = 15_000;

/** Frames a second that cost an answer and carry nothing: PING and SETTINGS. */
const mostEmptyFrames = 100;

/** A session, and what of it is known between two looks. */
interface Watched {
  readonly connection: Connection;
  readonly session: ServerHttp2Session;
  readonly liveness: Liveness;
  /** The client's preface has come, its SETTINGS included. */
  isSettled: boolean;
  emptyFrames: number;
  /** It was found destroyed, and its socket was not. */
  isLeft: boolean;
}

/**
 * Holds the HTTP/2 sessions of one transport to the timeouts of the config, which Node enforces for
 * HTTP/1 only: one timer for all of them, there only while there is a session.
 */
export class Http2Watch {
  private readonly watched = new Map<ServerHttp2Session, Watched>();
  private timer: NodeJS.Timeout | undefined;
  private lastLookAt = 0;

  constructor(private timeouts: TimeoutSettings) {}

  add(connection: Connection, session: ServerHttp2Session): void {
    const liveness = new Liveness(session, connection.socket);
    const watched = {
      connection,
      session,
      liveness,
      isSettled: false,
      emptyFrames: 0,
      isLeft: false,
    };
    this.watched.set(session, watched);
    // They hold on to nothing of it: Node keeps a session that has broken off for as long as what listens to
    // it leads to its error (seen on Node 20.20, when the client had not answered its SETTINGS).
    session.on('remoteSettings', () => {
      const heard = this.heard(session);
      if (heard) heard.isSettled = true;
    });
    session.on('ping', () => void this.heard(session));
    // Not when the session has closed: one that breaks off by itself does not always say so.
    connection.onceGone(() => this.remove(session));
    if (this.watched.size === 1) this.run();
  }

  reconfigure(timeouts: TimeoutSettings): void {
    this.timeouts = timeouts;
    if (this.watched.size > 0) this.run();
  }

  /** A frame came that carries nothing. */
  private heard(session: ServerHttp2Session): Watched | undefined {
    const watched = this.watched.get(session);
    if (watched) watched.emptyFrames += 1;
    return watched;
  }

  private remove(session: ServerHttp2Session): void {
    this.watched.delete(session);
    if (this.watched.size === 0) clearInterval(this.timer);
  }

  private run(): void {
    clearInterval(this.timer);
    const { readMs, readHeaderMs, idleMs } = this.timeouts;
    const intervalMs = lookIntervalMs([readMs, readHeaderMs, idleMs], intervalRangeMs);
    this.lastLookAt = performance.now();
    this.timer = setInterval(() => this.look(), intervalMs).unref();
  }

  private look(): void {
    const now = performance.now();
    const limits = this.livenessLimits();
    const mostFrames = Math.max(1000, now - this.lastLookAt) * (mostEmptyFrames / 1000);
    this.lastLookAt = now;
    for (const each of this.watched.values()) {
      if (each.session.destroyed) cutIfLeft(each);
      else if (each.emptyFrames > mostFrames) cut(each, constants.NGHTTP2_ENHANCE_YOUR_CALM);
      else this.lookAt(each, now, limits);
      each.emptyFrames = 0;
    }
  }

  private lookAt(watched: Watched, now: number, limits: LivenessLimits): void {
    const { connection, liveness, isSettled } = watched;
    const { streams, streamlessSince, openedAt } = connection;
    const { readMs, readHeaderMs, idleMs } = this.timeouts;
    if (!isSettled) {
      if (readHeaderMs > 0 && now - openedAt > readHeaderMs) cut(watched);
      return;
    }
    for (const { stream } of streams) endIfForgotten(stream, connection.socket);
    const isAlive = liveness.look(now, limits, {
      isOpen: streams.size > 0,
      isSending: () => [...streams].some(({ stream }) => isSending(stream)),
    });
    if (!isAlive) return cut(watched);
    if (readMs > 0) {
      for (const open of streams) {
        // As over HTTP/1, where nothing is left of it but the end of the connection.
        const isLate = now - open.openedAt > readMs && isSending(open.stream);
        // The request of a CONNECT is whole with its head: what comes is of its tunnel.
        if (isLate && open.headers[':method'] !== 'CONNECT')
          open.stream.close(constants.NGHTTP2_CANCEL);
      }
    }
    const isIdle = idleMs > 0 && streamlessSince !== undefined && now - streamlessSince > idleMs;
    if (isIdle) void goAway(connection);
  }

  private livenessLimits(): LivenessLimits {
    const { readHeaderMs, idleMs } = this.timeouts;
    const silenceMs = Math.max(readHeaderMs, shortestSilenceMs);
    const everyMs = Math.min((readHeaderMs || silenceMs) / 4, (idleMs || silenceMs) / 2);
    return { frameMs: readHeaderMs, everyMs, silenceMs };
  }
}

/**
 * Node destroys a session by itself for an error of nghttp2, and its socket when what is being written is
 * out. Over TLS it is never told of that when the client has reset the connection meanwhile (seen on
 * Node 20.20): such a socket would stay for ever. By the second look, a last GOAWAY has had its time.
 */
function cutIfLeft(watched: Watched): void {
  if (watched.isLeft) watched.connection.socket.destroy();
  watched.isLeft = true;
}

function cut({ session, connection }: Watched, code?: number): void {
  breakOffSession(session, code);
  connection.socket.destroy();
}
