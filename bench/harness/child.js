import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What has not answered by then never will; the bench must end. */
const answerLimitMs = 300_000;

/**
 * Starts a module of the bench in a process of its own, which answers commands by
 * {@link answerCommands}.
 *
 * @param module A path relative to `base`, the `import.meta.url` of the caller
 */
export function startChild(module, base, { execArgv = [], env = {} } = {}) {
  const path = fileURLToPath(new URL(module, base));
  const child = fork(path, [], { execArgv, env: { ...process.env, ...env } });
  const waiting = new Map();
  let lastId = 0;

  const failAll = (why) => {
    for (const { reject } of waiting.values()) reject(new Error(`${module}: ${why}`));
    waiting.clear();
  };
  child.on('message', ({ id, result, error }) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(new Error(`${module}: ${error}`));
  });
  const exited = new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      failAll(`exited with ${code ?? signal}`);
      resolve();
    });
  });

  return {
    ask(command, argument) {
      const id = ++lastId;
      let timer;
      const answer = new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        timer = setTimeout(() => reject(new Error(`${module}: no answer`)), answerLimitMs);
        child.send({ id, command, argument });
      });
      return answer.finally(() => clearTimeout(timer));
    },
    /** Ends this process, and no other. */
    async end() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** In the child: runs the command that the parent asks for and sends back what it returns. */
export function answerCommands(commands) {
  process.on('message', async ({ id, command, argument }) => {
    try {
      process.send({ id, result: await commands[command](argument) });
    } catch (error) {
      process.send({ id, error: String(error?.stack ?? error) });
    }
  });
  process.once('disconnect', () => process.exit());
}

/** Starts a child for the length of some work. */
export async function withChild(module, base, options, work) {
  const child = startChild(module, base, options);
  try {
    return await work(child);
  } finally {
    await child.end();
  }
}
