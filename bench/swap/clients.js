/**
 * Clients that request without pause over keep-alive connections, obey `Connection: close`, retry
 * nothing and note every failure.
 */
import { Agent, request as httpRequest } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { answerCommands } from '../harness/child.js';

const counts = { answers: 0, reopened: 0, failures: [] };
let goesOn = true;
let ended;

async function requestOn({ port, secure }) {
  const agent = new (secure ? TlsAgent : Agent)({ keepAlive: true, maxSockets: 1 });
  const send = secure ? httpsRequest : httpRequest;
  while (goesOn) {
    try {
      await exchange(send, { port, host: '127.0.0.1', agent, rejectUnauthorized: false });
    } catch (error) {
      counts.failures.push(error.code ?? error.message);
    }
  }
  agent.destroy();
}

function exchange(send, options) {
  return new Promise((resolve, reject) => {
    const request = send({ ...options, method: 'POST' }, (response) => {
      if (response.headers.connection === 'close') counts.reopened += 1;
      response.on('error', reject);
      response.on('end', () => {
        counts.answers += 1;
        resolve();
      });
      response.resume();
    });
    request.on('error', reject);
    request.end('{}');
  });
}

answerCommands({
  begin({ connections, ...target }) {
    ended = Promise.all(Array.from({ length: connections }, () => requestOn(target)));
  },
  async finish() {
    goesOn = false;
    await ended;
    return counts;
  },
});
