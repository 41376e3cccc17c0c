/**
 * Test files that run in one process share the modules of Node, and so the subscribers of its channels: one that a file
 * has left is called in the tests of the files after it, and what it throws fails those.
 */
import { channel } from 'node:diagnostics_channel';
import { afterAll, expect } from '@jest/globals';

const channels = [
  'request:start',
  'request:finish',
  'request:shed',
  'upgrade',
  'connection:open',
  'connection:change',
  'connection:close',
  'connection:refused',
  'server:state',
].map((name) => channel(`nestjs-http-pool:${name}`));

afterAll(() => {
  const left = channels.filter(({ hasSubscribers }) => hasSubscribers);
  expect(left.map(({ name }) => name)).toEqual([]);
});
