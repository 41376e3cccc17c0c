import { ExpressAdapter } from '@nestjs/platform-express';
import { describe, expect, it } from '@jest/globals';
import { isExpressApplication, toHandler, type HandlerEntry } from './handler.js';

describe('an Express application', () => {
  const express = new ExpressAdapter().getInstance() as HandlerEntry;

  it('is known by its shape, alone or within a handler', () => {
    expect(isExpressApplication(toHandler(express))).toBe(true);
  });

  it('is none where a plain listener stands', () => {
    expect(isExpressApplication(toHandler(() => undefined))).toBe(false);
  });

  it('is what the handler says where it cannot be seen', () => {
    expect(isExpressApplication({ request: () => undefined, express: true })).toBe(true);
    expect(isExpressApplication({ ...toHandler(express), express: false })).toBe(false);
  });
});
