import type { IncomingMessage } from 'node:http';
import { expect, it } from '@jest/globals';
import { ClientComplaints } from './client-complaints.js';

it('says at last how many slow clients were left out', () => {
  const said: string[] = [];
  const complaints = new ClientComplaints((text) => void said.push(text));
  const request = { method: 'POST', url: '/' } as IncomingMessage;
  for (let count = 0; count < 13; count += 1) {
    complaints.wasSlow(request, { side: 'request', bytesPerSecond: 5, from: undefined });
  }
  complaints.sayLeftOut();
  complaints.sayLeftOut();
  expect(said).toHaveLength(11);
  expect(said.at(-1)).toBe('3 more slow clients were not logged');
});
