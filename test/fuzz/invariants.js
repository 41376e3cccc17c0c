/** What must hold whenever nothing is under way, whatever was called before. */
import { connect } from 'node:net';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as http2Connect } from 'node:http2';
import { setImmediate as turn } from 'node:timers/promises';

/** So late a server may know at most that nobody finds its socket file any more. */
const longestUnnoticedMs = 20_000;

const settled = new Set(['stopped', 'running', 'failed']);

export async function check(world) {
  world.note();
  const faults = [...world.faults, ...world.chains.check(), ...indexFaults(world.pool)];
  const members = new Set([...world.pool, ...world.other]);
  for (const server of world.known) {
    faults.push(...stateFaults(server));
    if (!members.has(server) && !world.loose.has(server) && server.state !== 'stopped') {
      faults.push(`${describe(server)} is in no pool and ${server.state}`);
    }
  }
  const answers = [...world.known]
    .filter((server) => server.isRunning())
    .map(async (server) => {
      const answer = await answerOf(server);
      if (!server.isRunning()) return;
      const [name = '', version] = answer.split(' ');
      const hasHandler = [...world.pool].includes(server);
      if (
        (!hasHandler || server.handlerKey() === 'nobody') &&
        answer.startsWith('This server has no handler')
      )
        return;
      if (name !== server.name) faults.push(`${describe(server)} is answered by '${answer}'`);
      const isShared = world.handlersAreShared && hasHandler && ![...world.other].includes(server);
      if (isShared && Number(version) !== world.handlerVersion && !world.loose.has(server)) {
        faults.push(`${describe(server)} serves handler ${version}, not ${world.handlerVersion}`);
      }
    });
  await Promise.all(answers);
  return faults;
}

/** Of a socket file that was removed a server hears in a later turn: then it has failed. */
async function answerOf(server) {
  const latest = performance.now() + longestUnnoticedMs;
  for (;;) {
    const answer = await ask(server);
    const isLost = answer === 'ENOENT' && server.isRunning();
    if (!isLost || performance.now() > latest) return answer;
    await turn();
  }
}

function stateFaults(server) {
  const { state, address, disabled } = server;
  const faults = [];
  if (!settled.has(state)) faults.push(`${describe(server)} stays ${state}`);
  if ((address !== undefined) !== (state === 'running')) {
    faults.push(`${describe(server)} is ${state}, its address ${JSON.stringify(address)}`);
  }
  if (disabled && state !== 'stopped') faults.push(`${describe(server)} is disabled and ${state}`);
  if (server.isError() !== (state === 'failed'))
    faults.push(`${describe(server)} is ${state}, error ${server.getError()}`);
  return faults;
}

function indexFaults(pool) {
  const faults = [];
  const servers = [...pool];
  if (new Set(servers).size !== servers.length) faults.push('a server is in the list twice');
  if (pool.len() !== servers.length)
    faults.push(`len ${pool.len()}, in the list ${servers.length}`);
  const names = new Set(servers.map(({ name }) => name));
  if (names.size !== servers.length) faults.push('two servers have one name');
  for (const server of servers) {
    const { name, bind, address } = server;
    if (pool.get(name) !== server) faults.push(`${describe(server)} is not found by its name`);
    if (bind.endsWith(':0')) {
      const found = pool.load(bind);
      if (found?.bind !== bind) faults.push(`${describe(server)} is not found by its host`);
      if (address && pool.load(`${address.address ?? address.host}:${address.port}`) !== server) {
        faults.push(`${describe(server)} is not found by its real address`);
      }
    } else if (pool.load(bind) !== server) {
      faults.push(`${describe(server)} is not found by its address`);
    }
    const view = pool.filter('name', name);
    if (
      view.len() !== 1 ||
      view.get(name) !== server ||
      (!view.has(bind) && !bind.endsWith(':0'))
    ) {
      faults.push(`a view does not show ${describe(server)}`);
    }
  }
  return faults;
}

export function describe({ name, bind, state }) {
  return `${name} (${bind}, ${state})`;
}

/** What the socket of a server is answered by. */
async function ask(server) {
  const { address, tls, config } = server;
  const place =
    'path' in address
      ? { socketPath: address.path }
      : { host: hostOf(address), port: address.port };
  try {
    if (config.protocol === 'http2' && !tls) return await askHttp2(place);
    return await new Promise((resolve, reject) => {
      const send = tls ? httpsRequest : httpRequest;
      const outgoing = send(
        {
          ...place,
          agent: false,
          rejectUnauthorized: false,
          servername: 'localhost',
          timeout: 5000,
        },
        (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (chunk) => (body += chunk));
          response.on('end', () => resolve(body));
        },
      );
      outgoing.on('error', reject).on('timeout', () => outgoing.destroy(new Error('no answer')));
      outgoing.end();
    });
  } catch (error) {
    return `${error.code ?? error.message}`;
  }
}

function askHttp2(place) {
  return new Promise((resolve, reject) => {
    const session = http2Connect('http://localhost', {
      createConnection: () => connect(place.socketPath ? { path: place.socketPath } : place),
    });
    session.on('error', reject);
    const stream = session.request();
    let body = '';
    stream.setEncoding('utf8').on('data', (chunk) => (body += chunk));
    stream.on('error', reject);
    stream.on('end', () => {
      session.close();
      resolve(body);
    });
  });
}

function hostOf({ host }) {
  return host === '0.0.0.0' ? '127.0.0.1' : host;
}
