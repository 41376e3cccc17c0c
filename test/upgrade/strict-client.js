import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';

/** The longest pause between two requests, in ms. */
const pauseMs = 50;

/** Asks again and again and retries nothing: on one connection that it keeps, or on a new one each time. */
export class StrictClient {
  answered = 0;
  failures = [];
  #isOver = false;
  #running;

  constructor(url, keepAlive) {
    this.#running = this.#run(url, new Agent({ keepAlive, maxSockets: 1 }), keepAlive);
  }

  /** Ends with the answer that is under way. */
  async end() {
    this.#isOver = true;
    await this.#running;
  }

  async #run(url, agent, keepAlive) {
    for (let count = 0; !this.#isOver; count += 1) {
      try {
        await exchange(url, agent, count % 2 === 0 ? undefined : `body ${count}`);
        this.answered += 1;
      } catch ({ code, message }) {
        this.failures.push(`${keepAlive ? 'kept' : 'new'} connection: ${code ?? message}`);
      }
      await wait(Math.random() * pauseMs);
    }
    agent.destroy();
  }
}

async function exchange(url, agent, body) {
  const response = await new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    request(url, { agent, method }).on('response', resolve).on('error', reject).end(body);
  });
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
  if (body !== undefined && !answer.endsWith(body)) throw new Error(`answered '${answer}'`);
}
