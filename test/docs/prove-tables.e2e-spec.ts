import { describe, expect, it } from '@jest/globals';
import { ROLES } from '../../lib/process/prove/clients/client.js';
import { KINDS } from '../../lib/process/prove/kinds.js';
import { readArguments, usage } from '../../lib/process/prove/read-arguments.js';
import { pages } from './support/code-blocks.js';
import { rowsOf } from './support/markdown.js';

const page = pages().get('docs/prove.md')!;
const namesOf = (of: string): string[] => rowsOf(page, of).flatMap(({ names }) => names);

describe('the page on prove', () => {
  it('names every kind of loss, with its meaning', () => {
    const rows = rowsOf(page, 'kind').filter(({ names: [kind] }) => !kind?.startsWith('status-'));
    const meanings = Object.fromEntries(rows.map(({ names, cells }) => [names[0], cells[1]]));
    expect(Object.keys(meanings).sort()).toEqual(Object.keys(KINDS).sort());
    for (const [kind, meaning] of Object.entries(KINDS)) expect(meanings[kind]).toContain(meaning);
  });

  it('names every client', () => {
    expect(namesOf('client').sort()).toEqual(Object.keys(ROLES).sort());
  });

  it('names every option, with its default', () => {
    const options = [...usage.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option]) => option);
    expect(new Set(namesOf('option'))).toEqual(new Set(options));
    const defaulted = readArguments(['--url', 'http://a', '--', 'b']);
    const seconds = (ms: number): string => `\`${ms / 1000}s\``;
    const defaults = rowsOf(page, 'option').map(({ names, cells }) => [names[0], cells[1]]);
    expect(Object.fromEntries(defaults)).toMatchObject({
      '--action': `\`${defaulted.action}\``,
      '--clients': String(defaulted.clients),
      '--times': String(defaulted.times),
      '--observe': seconds(defaulted.observeMs),
      '--start-timeout': seconds(defaulted.startTimeoutMs),
      '--stop-timeout': seconds(defaulted.stopTimeoutMs),
    });
  });
});
