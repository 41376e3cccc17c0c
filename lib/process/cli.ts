#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { UsageError, type Command } from './command.js';

interface Entry {
  readonly summary: string;
  load(): Promise<{ readonly command: Command }>;
}

/** Each is loaded only when it is asked for. */
const commands: Readonly<Record<string, Entry>> = {
  run: {
    summary: 'runs an application, and replaces its code without losing a request',
    load: () => import('./run/command.js'),
  },
  prove: {
    summary: 'stops, reloads or restarts an application under load, and says what was lost',
    load: () => import('./prove/command.js'),
  },
};

const WRONG_USAGE = 2;

function usage(): string {
  const lines = Object.entries(commands).map(
    ([name, { summary }]) => `  ${name.padEnd(8)}${summary}`,
  );
  return ['Usage: nestjs-http-pool <command> [options]', '', ...lines, ''].join('\n');
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function refuse(why: string, usageText: string): number {
  process.stderr.write(`nestjs-http-pool: ${why}\n\n${usageText}\n`);
  return WRONG_USAGE;
}

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  if (name === '--help' || name === '-h') {
    process.stdout.write(`${usage()}\n`);
    return 0;
  }
  if (name === undefined) return refuse('say which command', usage());
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!entry) return refuse(`there is no command '${name}'`, usage());
  const { command } = await entry.load();
  // What stands behind `--` belongs to the application.
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  if (own.includes('--help') || own.includes('-h')) {
    process.stdout.write(`${command.usage}\n`);
    return 0;
  }
  try {
    return await command.run(args);
  } catch (error) {
    if (error instanceof UsageError) return refuse(`${name}: ${error.message}`, command.usage);
    throw error;
  }
}

const code = await main(process.argv.slice(2));
// A pipe may still hold what was written: the process ends behind it.
process.stdout.write('', () => process.exit(code));
