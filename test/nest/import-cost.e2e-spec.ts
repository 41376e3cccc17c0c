import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';

/** What any application with these peers loads anyway. */
const PEERS = [
  'reflect-metadata',
  'rxjs',
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/terminus',
  'class-validator',
  'class-transformer',
];

/** Prints the CPU time of the peers, and what the import of the built package adds to it, in ms. */
const SCRIPT = `
const msOf = async (modules) => {
  const before = process.cpuUsage();
  for (const one of modules) await import(one);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};
const peers = await msOf(${JSON.stringify(PEERS)});
console.log(JSON.stringify([peers, await msOf([${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)}])]));
`;

function measure(): [peers: number, own: number] {
  const out = execFileSync(process.execPath, ['--input-type=module', '--eval', SCRIPT]);
  return JSON.parse(String(out)) as [number, number];
}

describe('the import of the package', () => {
  it('costs a small part of what its peers cost', () => {
    // The least of some: what else the machine does only adds to a measure.
    const runs = Array.from({ length: 5 }, measure);
    const [peers, own] = [0, 1].map((at) => Math.min(...runs.map((run) => run[at]!)));
    expect(own! / peers!).toBeLessThan(0.2);
  });

  it('loads neither what compiles regexes nor what reads IPv6 and JSON with comments', () => {
    const script = `
      import { createRequire } from 'node:module';
      await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
      const { cache } = createRequire(import.meta.url);
      console.log(Object.keys(cache).filter((file) => /re2js|ipaddr|jsonc/.test(file)).length);
    `;
    const out = execFileSync(process.execPath, ['--input-type=module', '--eval', script]);
    expect(String(out).trim()).toBe('0');
  });
});
