import { createSecureContext, type SecureContext } from 'node:tls';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { SniContexts } from './sni.js';

describe('SniContexts', () => {
  const [own, inherited, wild] = [1, 2, 3].map(() => createSecureContext()) as [
    SecureContext,
    SecureContext,
    SecureContext,
  ];
  let contexts: SniContexts;
  beforeEach(() => {
    contexts = new SniContexts();
    contexts.add(['api.test', '*.test'], own);
    contexts.add(['API.test', 'admin.test'], inherited);
    contexts.add(['*.deep.test'], wild);
  });

  it('finds exact names without regard to case', () => {
    expect(contexts.find('api.test')).toBe(own);
    expect(contexts.find('ADMIN.Test')).toBe(inherited);
  });

  it('takes who was added first', () => {
    expect(contexts.find('API.TEST')).toBe(own);
  });

  it('takes an exact name before a wildcard', () => {
    expect(contexts.find('admin.test')).toBe(inherited);
    expect(contexts.find('other.test')).toBe(own);
  });

  it('lets a wildcard stand for one label', () => {
    expect(contexts.find('a.deep.test')).toBe(wild);
    expect(contexts.find('a.b.deep.test')).toBeUndefined();
    expect(contexts.find('test')).toBeUndefined();
    expect(contexts.find('.test')).toBeUndefined();
  });

  it('finds nothing for a name that nobody has', () => {
    expect(contexts.find('other.example')).toBeUndefined();
    expect(contexts.find('')).toBeUndefined();
  });
});
