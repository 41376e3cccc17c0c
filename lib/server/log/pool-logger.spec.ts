import { describe, expect, it } from '@jest/globals';
import { dropsLine, silentLogger } from './pool-logger.js';

describe('dropsLine', () => {
  it('drops each line that holds one of the filters', () => {
    const passing = ['some noise', 'chatter', 'Noise', 'news'].filter(
      (line) => !dropsLine(['noise', 'chatter'], line),
    );
    expect(passing).toEqual(['Noise', 'news']);
  });

  it('lets an empty filter drop nothing', () => {
    expect(dropsLine([''], 'line')).toBe(false);
  });
});

describe('silentLogger', () => {
  it('says nothing', () => {
    silentLogger.log('a');
    silentLogger.warn('b');
    expect(silentLogger.error('c')).toBeUndefined();
  });
});
