import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { ask } from './ask-workers.js';
import type { SupervisorMessage } from '../messages.js';
import type { WorkerProcess } from '../worker-process.js';

/** What a question sees of a worker; one that is told to says something. */
class Worker extends EventEmitter {
  isGone = false;

  constructor(private readonly said?: string) {
    super();
  }

  tell({ id }: SupervisorMessage & { type: 'question' }): void {
    if (this.said === undefined) return;
    this.emit('message', { type: 'said', id: id + 1, said: 'to another question' });
    this.emit('message', { type: 'said', id, said: this.said });
  }
}

const asked = (worker: Worker) => ask(worker as unknown as WorkerProcess, 'metrics');

describe('ask', () => {
  it('resolves to what the worker says, and leaves nothing at it', async () => {
    const worker = new Worker('a lot');
    expect(await asked(worker)).toBe('a lot');
    expect(worker.eventNames()).toEqual([]);
  });

  it('does not wait for a worker that ends, or has ended', async () => {
    const worker = new Worker();
    const ends = asked(worker);
    worker.emit('end');
    expect(await ends).toBeUndefined();
    worker.isGone = true;
    expect(await asked(worker)).toBeUndefined();
    expect(worker.eventNames()).toEqual([]);
  });
});
