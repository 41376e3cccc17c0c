/** The kinds of change, in the order in which they are made in turn. */
export const kinds = ['restart', 'handler', 'certificate', 'timeout'];

/** Values that change live, and one that takes a new transport where there is TLS. */
const timeouts = [
  { idleTimeout: '60s', readHeaderTimeout: '30s', handshakeTimeout: '30s' },
  { idleTimeout: '90s', readHeaderTimeout: '30s', handshakeTimeout: '30s' },
  { idleTimeout: '60s', readHeaderTimeout: '20s', handshakeTimeout: '30s' },
  { idleTimeout: '60s', readHeaderTimeout: '30s', handshakeTimeout: '20s' },
];

/** Makes changes to the servers of a pool, one kind after the other, one server after the other. */
export class Changes {
  #turn = 0;
  #versions = 0;
  #timeoutTurns = new Map();
  /** How often each kind was made, in total and by server. */
  counts = {};

  constructor(pool, certificates, createHandler) {
    this.pool = pool;
    this.certificates = certificates;
    this.createHandler = createHandler;
  }

  /** Makes the next change, and tells which it was. */
  async next() {
    const turn = this.#turn++;
    const kind = kinds[turn % kinds.length];
    const round = Math.floor(turn / kinds.length);
    const servers = [...this.pool].filter(({ tls }) => kind !== 'certificate' || tls);
    const server = servers[round % servers.length];
    await this[kind](server, Math.floor(round / servers.length));
    const counts = (this.counts[kind] ??= {});
    const name = kind === 'handler' ? 'all' : server.name;
    counts[name] = (counts[name] ?? 0) + 1;
  }

  restart(server) {
    return server.restart();
  }

  handler() {
    const handler = this.createHandler(++this.#versions);
    this.pool.handler(() => ({ default: handler }));
  }

  certificate(server, round) {
    const certificate = this.certificates[(round + 1) % this.certificates.length];
    return server.setConfig({ ...server.config, tls: { certs: [certificate] } });
  }

  timeout(server) {
    const turn = (this.#timeoutTurns.get(server) ?? 0) + 1;
    this.#timeoutTurns.set(server, turn);
    return server.setConfig({ ...server.config, ...timeouts[turn % timeouts.length] });
  }
}
