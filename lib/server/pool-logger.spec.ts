import { describe, expect, it } from '@jest/globals';
import { Journal } from '../../test/support/handlers.js';
import { FilteredLogger, silentLogger } from './pool-logger.js';

describe('FilteredLogger', () => {
  it('drops each line that holds one of the filters, at every level', () => {
    const journal = new Journal();
    const logger = new FilteredLogger(journal, () => ['noise', 'chatter']);
    for (const text of ['some noise', 'chatter', 'Noise', 'news']) {
      logger.log(text);
      logger.warn(text);
      logger.error(text);
    }
    expect(journal.lines).toEqual(
      ['Noise', 'news'].flatMap((text) => [`log ${text}`, `warn ${text}`, `error ${text}`]),
    );
  });

  it('asks for the filters each time', () => {
    const journal = new Journal();
    let filters: string[] = [];
    const logger = new FilteredLogger(journal, () => filters);
    logger.log('line');
    filters = ['line'];
    logger.log('line');
    expect(journal.lines).toEqual(['log line']);
  });
});

describe('silentLogger', () => {
  it('says nothing', () => {
    silentLogger.log('a');
    silentLogger.warn('b');
    expect(silentLogger.error('c')).toBeUndefined();
  });
});
