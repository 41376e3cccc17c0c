/**
 * The tables of docs/ against the code: an option, a method, an error code or an exported name without
 * a row fails here, and so does a row for what there is not. The fields of a config: fields.e2e-spec.ts.
 */
import { PoolErrorCode, ServerErrorCode } from 'nestjs-http-pool';
import { describe, expect, it } from '@jest/globals';
import { pages } from './support/code-blocks.js';
import { Declared } from './support/declared.js';
import { rowsOf } from './support/markdown.js';

const documents = pages();
const page = (name: string): string => documents.get(`docs/${name}.md`)!;
const namesIn = (name: string, of: string): string[] =>
  rowsOf(page(name), of).flatMap(({ names }) => names);
const declared = new Declared();

describe('the tables of classes and options', () => {
  it.each([
    ['module', 'option', 'HttpPoolModuleOptions'],
    ['controllers', 'option of forFeature', 'HttpPoolFeatureOptions'],
    ['metrics', 'option of metrics', 'MetricsOptions'],
    ['pool', 'Pool', 'Pool'],
    ['pool', 'Handler', 'Handler'],
    ['pool', 'PoolEvent', 'PoolEvent'],
    ['pool', 'PoolStats', 'PoolStats'],
    ['pool', 'ServerStats', 'ServerStats'],
    ['health', 'PoolHealthIndicator', 'PoolHealthIndicator'],
    ['health', 'MonitorReport', 'MonitorReport'],
    ['drain', 'DrainReport', 'DrainReport'],
    ['drain', 'cut', 'CutCounts'],
  ])('have a row for each member: docs/%s.md, %s', (name, of, type) => {
    expect(namesIn(name, of).sort()).toEqual(declared.members(type).sort());
  });

  it('have a row for each member of PooledServer', () => {
    const statics = declared.statics('PooledServer').map((name) => `PooledServer.${name}`);
    const all = [...statics, ...declared.members('PooledServer')];
    expect(namesIn('pool', 'PooledServer').sort()).toEqual(all.sort());
  });

  it('have a row for each member of PoolConfig', () => {
    const all = ['new PoolConfig', ...declared.members('PoolConfig')].filter(
      (name) => name !== 'length',
    );
    expect(namesIn('pool', 'PoolConfig').sort()).toEqual(all.sort());
  });
});

describe('docs/errors.md', () => {
  it.each([
    ['PoolErrorCode', PoolErrorCode],
    ['ServerErrorCode', ServerErrorCode],
  ])('has a row for every %s', (of, codes) => {
    expect(namesIn('errors', of).sort()).toEqual(Object.keys(codes).sort());
  });
});

describe('docs/api.md', () => {
  it('has a row for every exported name', () => {
    expect(namesIn('api', 'name').sort()).toEqual(declared.names.sort());
  });
});
