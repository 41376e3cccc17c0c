import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BindAddress } from './bind-address.js';
import { ConflictIndex } from './conflict-index.js';
import { OverlapIndex } from './overlap-index.js';

describe('ConflictIndex', () => {
  const candidate = (name: string, listen: string) => ({
    name,
    bind: BindAddress.parse(listen),
    path: name,
  });
  const indexOfTwo = (): ConflictIndex => {
    const index = new ConflictIndex();
    for (const each of [candidate('a', ':80'), candidate('b', '127.0.0.1:81')]) index.add(each);
    return index;
  };

  it('finds the server with the same name or an overlapping address', () => {
    expect(indexOfTwo().add(candidate('a', ':90'))).toMatchObject([
      { field: 'name', other: { name: 'a' } },
    ]);
    expect(indexOfTwo().add(candidate('c', ':81'))).toMatchObject([
      {
        field: 'listen',
        other: { name: 'b' },
        message: "[::]:81 overlaps 127.0.0.1:81, the bind address of server 'b'",
      },
    ]);
  });

  it('finds none where there is none', () => {
    expect(indexOfTwo().add(candidate('c', ':0'))).toEqual([]);
    expect(indexOfTwo().add(candidate('c', '[::1]:81'))).toEqual([]);
  });
});

describe('OverlapIndex', () => {
  const hosts = ['', '*', '0.0.0.0', 'localhost', '127.0.0.1', '[::1]', '10.0.0.1', 'a.example'];
  const tcp = fc
    .tuple(fc.constantFrom(...hosts), fc.constantFrom(0, 80, 81))
    .map(([host, port]) => `${host}:${port}`);
  const listen = fc.oneof(tcp, fc.constantFrom('unix:/a', 'unix:/b', 'fd:3', 'fd:4'));

  it('finds what a comparison with each of them finds, and nothing that was removed', () => {
    fc.assert(
      fc.property(fc.array(listen), fc.nat(5), listen, (all, removed, asked) => {
        const bind = BindAddress.parse(asked);
        const items = all.map((each) => ({ bind: BindAddress.parse(each) }));
        const index = new OverlapIndex<{ bind: BindAddress }>();
        for (const each of items) index.add(each.bind, each);
        for (const each of items.splice(0, removed)) index.remove(each.bind, each);
        const overlaps = (each: { bind: BindAddress }): boolean => each.bind.overlaps(bind);
        const found = index.overlapping(bind).filter(overlaps);
        expect(new Set(found)).toEqual(new Set(items.filter(overlaps)));
        if (!bind.ephemeral) {
          expect([...index.at(bind)]).toEqual(items.filter((each) => each.bind.equals(bind)));
        }
      }),
    );
  });
});
