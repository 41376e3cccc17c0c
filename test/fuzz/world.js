/**
 * What the calls of a sequence are made in: pools, servers of the caller's own, addresses, a default TLS
 * that can be told how to behave, and loggers and subscribers that are no help.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { EventChains } from './event-chains.js';

/** An address and ports that only this process uses, below those that the system chooses from. */
const host = `127.${1 + (process.pid % 200)}.${1 + ((process.pid >> 8) % 200)}.77`;
const firstPort = 10_000 + (process.pid % 6_000) * 3;
const ports = [firstPort, firstPort + 1, firstPort + 2];

export const names = ['a', 'b', 'c', 'd', 'e'];

/** Where servers may listen: on port 0, on fixed ports, over several of them, and on files. */
export function addressesIn(folder) {
  return [
    `${host}:0`,
    ...ports.map((port) => `${host}:${port}`),
    `0.0.0.0:${ports[0]}`,
    `unix:${join(folder, 'one.sock')}`,
    `unix:${join(folder, 'two.sock')}`,
    'localhost:0',
  ];
}

export class World {
  /** Servers that were made, and belong to nobody but the caller unless a pool has them. */
  loose = new Set();
  /** Every server that was ever seen. */
  known = new Set();
  handlerVersion = 0;
  /** Whether only the pool's own handlers were set. */
  handlersAreShared = true;
  tlsMode = 'ok';
  #takers = new Map();
  #hanging = [];
  #turn = Promise.resolve();
  #library;
  /** Failures that nobody was told of. */
  faults = [];

  constructor(library, { tls, logger, reactions }) {
    this.#library = library;
    this.tlsOptions = tls;
    this.folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
    this.addresses = addressesIn(this.folder);
    this.shared = { tls: () => this.#answerTls(), logger: loggers[logger] };
    this.pool = new library.Pool({ ...this.shared, handlers: this.handlers() });
    this.other = new library.Pool({ ...this.shared });
    this.chains = new EventChains(this.pool);
    this.#listenBadly(reactions);
  }

  get library() {
    return this.#library;
  }

  handlers() {
    const version = this.handlerVersion;
    const listener = (request, response) => {
      const server = this.#library.serverOf(request);
      if (request.url === '/ill') response.statusCode = 500;
      if (request.httpVersionMajor === 1) response.setHeader('connection', 'close');
      const answer = () => response.end(`${server?.name} ${version}`);
      if (request.url === '/later') setTimeout(answer, 2);
      else answer();
    };
    return () => ({ default: listener, other: listener });
  }

  /** Notes the servers that there are, so that none is lost from sight. */
  note() {
    for (const pool of [this.pool, this.other]) for (const each of pool) this.known.add(each);
    for (const each of this.loose) this.known.add(each);
  }

  make(options) {
    const server = this.#library.PooledServer.create(options, this.shared);
    this.loose.add(server);
    this.known.add(server);
    return server;
  }

  /** Another program takes an address, or lets go of it; one call after the other. */
  take(listen) {
    return this.#inTurn(async () => {
      if (this.#takers.has(listen)) return this.#free(listen);
      const taker = createServer((socket) => socket.destroy());
      const at = listen.lastIndexOf(':');
      taker.listen(Number(listen.slice(at + 1)), listen.slice(0, at));
      // A server of ours may have it.
      const isOurs = await once(taker, 'listening').then(
        () => true,
        () => false,
      );
      if (isOurs) this.#takers.set(listen, taker);
    });
  }

  freeAll() {
    return this.#inTurn(async () => {
      for (const listen of this.#takers.keys()) await this.#free(listen);
    });
  }

  async #free(listen) {
    const taker = this.#takers.get(listen);
    this.#takers.delete(listen);
    taker.close();
    await once(taker, 'close');
  }

  #inTurn(work) {
    this.#turn = this.#turn.then(work, work);
    return this.#turn;
  }

  removeSocketFile(listen) {
    const path = listen.slice('unix:'.length);
    if (listen.startsWith('unix:') && existsSync(path)) rmSync(path);
  }

  /** Whoever waits for a default TLS that never answers is answered after all. */
  answerAll() {
    for (const answer of this.#hanging.splice(0)) answer();
  }

  async end() {
    this.tlsMode = 'ok';
    this.answerAll();
    await this.freeAll();
    await Promise.all([this.pool.stop({ timeout: 0 }), this.other.stop({ timeout: 0 })]);
    await Promise.all([...this.loose].map((server) => server.stop({ timeout: 0 })));
  }

  dispose() {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #answerTls() {
    const mode = this.tlsMode;
    if (mode === 'slow') await wait(3);
    if (mode === 'hang') await new Promise((resolve) => this.#hanging.push(resolve));
    if (mode === 'fail') throw new Error('the vault is sealed');
    if (mode === 'undefined') return Promise.reject(undefined);
    if (mode === 'none') return {};
    return this.tlsOptions;
  }

  #listenBadly(reactions) {
    this.pool.events$.subscribe(() => {
      throw new Error('a subscriber threw');
    });
    this.pool.events$.subscribe(async () => {
      throw new Error('a subscriber rejected');
    });
    const left = [...reactions];
    this.pool.events$.subscribe((event) => {
      const at = left.findIndex(({ on }) => on === event.type || on === event.state);
      if (at < 0) return;
      const [{ call }] = left.splice(at, 1);
      this.react?.(call);
    });
    this.chains.listenAgain(this.pool);
  }
}

const loggers = {
  none: undefined,
  silent: loggerThat(() => undefined),
  throws: loggerThat(() => {
    throw new Error('the disk is full');
  }),
  rejects: loggerThat(() => Promise.reject(new Error('the collector is away'))),
};

function loggerThat(write) {
  return { log: write, warn: write, error: write };
}
