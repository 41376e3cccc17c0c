import { describe, expect, it } from '@jest/globals';
import { withoutOrigin } from './request-target.js';

describe('withoutOrigin', () => {
  it.each([
    ['/a?b', '/a?b'],
    ['*', '*'],
    ['', ''],
    ['//a/b', '//a/b'],
    ['http://a', '/'],
    ['HTTP://a:80/b?c', '/b?c'],
    ['https://[::1]:8?c=http://d/', '/?c=http://d/'],
    ['a:443', 'a:443'],
  ])('of %j is %j', (target, path) => {
    expect(withoutOrigin(target)).toBe(path);
  });
});
