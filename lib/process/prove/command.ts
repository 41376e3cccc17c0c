import { writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import type { Command } from '../command.js';
import { prove } from './prove.js';
import { NotTried } from './probe.js';
import { readArguments, usage } from './read-arguments.js';
import { reportJson, reportLosses, reportText } from './report.js';

const NOTHING_LOST = 0;
const SOMETHING_LOST = 1;
const NOT_TRIED = 2;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function run(args: readonly string[]): Promise<number> {
  const { json, log, ...options } = readArguments(args);
  const interruption = new AbortController();
  let interruptedBy: (typeof SIGNALS)[number] | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    interruptedBy ??= signal as (typeof SIGNALS)[number];
    interruption.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    // Before the trial, whose findings must not end at a path that can't be written.
    if (log !== undefined) await begin(log);
    const proof = await prove(options, interruption.signal);
    if (log !== undefined) await writeFile(log, reportLosses(proof));
    process.stdout.write(`${json ? reportJson(proof) : reportText(proof)}\n`);
    return proof.ledger.lost > 0 ? SOMETHING_LOST : NOTHING_LOST;
  } catch (error) {
    // Only what is no finding of the trial is worth a stack.
    const why = error instanceof NotTried ? error.message : String((error as Error).stack ?? error);
    process.stderr.write(`nestjs-http-pool prove: could not be tried: ${why}\n`);
    return interruptedBy ? 128 + constants.signals[interruptedBy] : NOT_TRIED;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

async function begin(log: string): Promise<void> {
  await writeFile(log, '').catch((error: Error) => {
    throw new NotTried(`--log can't be written: ${error.message}`);
  });
}

export const command: Command = { usage, run };
