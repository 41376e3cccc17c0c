import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createCertificates } from './certificates.js';
import { Changes } from './changes.js';
import { createHandler } from './handler.js';
import { Ledger } from './ledger.js';

/** The four ways to speak HTTP, all in one process. */
const servers = [
  { name: 'http' },
  { name: 'https', secure: true },
  { name: 'h2c', http2: true },
  { name: 'h2', secure: true, http2: true },
];

/** So many answers at least lie between two changes. */
const answersPerChange = 25;

const longestStallMs = 500;

/** What a busy machine does to either side: the other one goes on, and finds it late. */
const stalls = [
  function server() {
    const end = performance.now() + Math.random() * longestStallMs;
    while (performance.now() < end);
  },
  async function clients(child) {
    child.kill('SIGSTOP');
    await wait(Math.random() * longestStallMs);
    child.kill('SIGCONT');
  },
];

async function startPool({ Pool }, certificate, handler) {
  const pool = new Pool({ handlers: () => ({ default: handler }) });
  for (const { name, secure, http2 } of servers) {
    await pool.storeNew({
      name,
      listen: '127.0.0.1:0',
      protocol: http2 ? 'http2' : 'http1',
      // Long enough that no client meets it: what is looked for are the losses of a change.
      idleTimeout: '60s',
      ...(secure && { tls: { certs: [certificate] } }),
    });
  }
  await pool.start();
  return pool;
}

/**
 * Changes servers in turn while clients in another process use them, and compares what both sides
 * noted.
 *
 * @param library The package, built or not
 * @param options.changes How many changes to make
 * @param options.clientsPerServer Half of them keep their connections alive
 * @param options.stallEvery After so many changes one side stands still for a while; never unless told
 * @param options.onProgress Told the number of changes made
 */
export async function runSoak(library, options) {
  const { changes, clientsPerServer = 8, stallEvery, onProgress } = options;
  const ledger = new Ledger();
  const { ca, certificates } = await createCertificates(2);
  const pool = await startPool(library, certificates[0], createHandler(0, ledger));
  const child = fork(fileURLToPath(new URL('./client-process.js', import.meta.url)));
  try {
    const exited = once(child, 'exit');
    const answer = once(child, 'message');
    const gone = exited.then(([code]) =>
      Promise.reject(new Error(`the clients exited with ${code}`)),
    );
    gone.catch(() => undefined);
    child.send({
      targets: servers.map((server) => ({ ...server, port: pool.get(server.name).address.port })),
      clientsPerTarget: clientsPerServer,
      ca,
    });
    const made = new Changes(pool, certificates, (version) => createHandler(version, ledger));
    await Promise.race([ledger.more(answersPerChange), gone]);
    for (let change = 1; change <= changes; change += 1) {
      await made.next();
      if (stallEvery && change % stallEvery === 0) await stalls[(change / stallEvery) % 2](child);
      await Promise.race([ledger.more(answersPerChange), gone]);
      onProgress?.(change);
    }
    child.send('end');
    const [clients] = await Promise.race([answer, gone]);
    await exited;
    const reports = await pool.stop();
    return summarize({ changes: made.counts, clients, ledger, reports });
  } finally {
    child.kill('SIGKILL');
    await pool.stop({ timeout: 0 });
  }
}

function summarize({ changes, clients, ledger, reports }) {
  const byServer = servers.map(({ name }) => {
    const own = clients.filter(({ target }) => target === name);
    const sum = (count) => own.reduce((total, client) => total + count(client), 0);
    return {
      name,
      clients: own.length,
      requests: sum(({ issued }) => issued),
      connections: sum(({ connections }) => connections),
      handlers: new Set(own.flatMap(({ versions }) => versions)).size,
      certificates: new Set(own.flatMap(({ certificates }) => certificates)).size,
      failures: own.flatMap(({ failures }) => failures),
    };
  });
  const difference = { brokenUploads: ledger.broken, ...ledger.compare(clients) };
  const cut = reports.filter(({ timedOut }) => timedOut).map(({ server }) => server);
  const losses =
    byServer.reduce((total, { failures }) => total + failures.length, 0) +
    Object.values(difference).reduce((total, ids) => total + ids.length, 0) +
    cut.length;
  return { changes, servers: byServer, answered: ledger.total, difference, cut, losses };
}
