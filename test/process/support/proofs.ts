import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { jest } from '@jest/globals';
import { command } from '../../../lib/process/prove/command.js';

const CLI = new URL('../../../dist/process/cli.js', import.meta.url).pathname;

export const childPath = (name: string): string =>
  new URL(`../children/${name}`, import.meta.url).pathname;

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What `--json` prints. */
export interface JsonReport {
  readonly action: string;
  readonly times: number;
  readonly requests: number;
  readonly answered: number;
  readonly lost: number;
  readonly kinds: Record<string, number>;
}

/** The command in this process. What it starts is a process all the same. */
export async function proveHere(...args: readonly string[]): Promise<Run> {
  const written = { out: '', err: '' };
  const into = (key: keyof typeof written) => (chunk: unknown) => {
    written[key] += String(chunk);
    return true;
  };
  const out = jest.spyOn(process.stdout, 'write').mockImplementation(into('out'));
  const err = jest.spyOn(process.stderr, 'write').mockImplementation(into('err'));
  try {
    return { code: await command.run(args), ...written };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

/** The built command line, as its users run it. */
export function startCli(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

export async function runCli(...args: readonly string[]): Promise<Run> {
  const child = startCli(...args);
  const printed = Promise.all([text(child.stdout!), text(child.stderr!)]);
  const [code] = (await once(child, 'exit')) as [number];
  const [out, err] = await printed;
  return { code, out, err };
}
