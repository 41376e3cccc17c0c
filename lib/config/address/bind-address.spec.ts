import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BindAddress } from './bind-address.js';

const parse = (text: string): BindAddress => BindAddress.parse(text);

describe('BindAddress.parse', () => {
  it.each([
    [':8080', '[::]:8080'],
    ['*:8080', '[::]:8080'],
    ['[::]:8080', '[::]:8080'],
    ['[0:0:0:0:0:0:0:0]:8080', '[::]:8080'],
    ['127.0.0.1:80', '127.0.0.1:80'],
    ['127.1:80', '127.0.0.1:80'],
    ['0x7f.0.0.1:80', '127.0.0.1:80'],
    ['127.0.0.1:0080', '127.0.0.1:80'],
    ['LocalHost:0', 'localhost:0'],
    ['Api-1.Example.COM:65535', 'api-1.example.com:65535'],
    ['[2001:DB8:0:0:1:0:0:1]:443', '[2001:db8::1:0:0:1]:443'],
    ['[::ffff:127.0.0.1]:80', '127.0.0.1:80'],
    ['[::ffff:7f00:1]:80', '127.0.0.1:80'],
    ['[fe80::1%eth0]:80', '[fe80::1%eth0]:80'],
    ['unix:/run/app.sock', 'unix:/run/app.sock'],
    ['unix:///run/app.sock', 'unix:/run/app.sock'],
    ['unix:/run/../tmp/app.sock', 'unix:/tmp/app.sock'],
    ['unix:app.sock', `unix:${join(process.cwd(), 'app.sock')}`],
    ['fd:3', 'fd:3'],
    ['fd:12', 'fd:12'],
    ['fd:web', 'fd:web'],
  ])('reads %s as %s', (text, canonical) => {
    expect(parse(text).canonical).toBe(canonical);
    expect(String(parse(text))).toBe(canonical);
    expect(JSON.stringify(parse(text))).toBe(JSON.stringify(canonical));
  });

  it.each([
    ['', /empty string is no bind address, give 'host:port'/],
    ['8080', /'8080' is a bare port, give ':8080'/],
    ['localhost', /has no port, give 'host:port'/],
    ['localhost:', /has no port, give a number/],
    [':', /has no port/],
    ['[::1]', /has no port, give '\[v6\]:port'/],
    ['[::1', /has no closing bracket/],
    ['[::1]80', /has no port/],
    ['[]:80', /no IPv6 address in its brackets/],
    ['[127.0.0.1]:80', /IPv4 address in brackets/],
    ['[fe80::1%]:80', /zone that is no interface name/],
    ['[fe80::1%e/h]:80', /zone that is no interface name/],
    ['::1', /IPv6 address without brackets and port, give '\[::1\]:port'/],
    ['fe80::1:8080', /without brackets/],
    ['a:b:80', /host with a colon/],
    ['localhost:70000', /port above 65535/],
    ['localhost:99999999999999999999', /port above 65535/],
    ['localhost:http', /name of a service as its port, give 80/],
    ['localhost:https', /give 443/],
    ['localhost:ssh', /port that is no number/],
    ['localhost:-1', /port that is no number/],
    ['localhost:8e3', /port that is no number/],
    ['http://localhost:8080/x', /is a URL, give only its host and port: 'localhost:8080'/],
    ['https://example.com', /'example.com:443'/],
    ['http://', /is a URL, give only its host and port$/],
    [' :80', /white space/],
    ['a b:80', /white space/],
    ['256.0.0.1:80', /no IPv4 address/],
    ['1.2.3.4.5:80', /no IPv4 address/],
    ['127.0.0.010:80', /no IPv4 address/],
    ['8080:80', /no IPv4 address/],
    ['my_app:80', /no host name/],
    ['-a:80', /no host name/],
    ['a..b:80', /no host name/],
    ['münchen:80', /no host name/],
    [`${'a'.repeat(64)}:80`, /no host name/],
    [`${'a.'.repeat(127)}aa:80`, /no host name/],
    ['unix:', /has no path/],
    ['unix:@app', /abstract socket/],
    ['unix:/run/', /is a folder/],
    ['unix:/run/\0', /NUL/],
    [`unix:/${'a'.repeat(110)}`, /path of 111 bytes, give one of at most 10/],
    [`unix:/${'é'.repeat(54)}`, /path of 109 bytes/],
    ['fd:', /no descriptor/],
    ['fd:a b', /white space|no descriptor/],
    ['fd:-x', /no descriptor/],
    ['fd:9999999999', /no descriptor/],
    ['fd:0', /standard stream/],
    ['fd:2', /standard stream/],
  ])('refuses %p', (text, message) => {
    expect(() => parse(text)).toThrow(TypeError);
    expect(() => parse(text)).toThrow(message);
  });

  it('refuses what is not a string', () => {
    expect(() => parse(8080 as unknown as string)).toThrow(/is a string/);
  });

  it('takes a unix path up to the limit', () => {
    const longest = process.platform === 'linux' ? 107 : 103;
    expect(parse(`unix:/${'a'.repeat(longest - 1)}`).path).toHaveLength(longest);
    expect(() => parse(`unix:/${'a'.repeat(longest)}`)).toThrow(/at most/);
  });

  it('shows no key material and no password in its messages', () => {
    for (const text of [
      '-----BEGIN PRIVATE KEY-----\nMIIE',
      'LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t',
      'http://user:hunter2@localhost:80',
      `http://user:hunter2${'x'.repeat(200)}@localhost:80`,
    ]) {
      expect(() => parse(text)).toThrow(
        expect.objectContaining({ message: expect.not.stringMatching(/BEGIN|LS0t|hunter2/) }),
      );
    }
  });

  it('is immutable', () => {
    expect(Object.isFrozen(parse(':80'))).toBe(true);
  });

  it('reads its own spelling back to the same', () => {
    const host = fc.oneof(
      fc.ipV4(),
      fc.ipV6().map((ip) => `[${ip}]`),
      fc.domain(),
      fc.constantFrom('', '*', 'localhost', '[fe80::1%lo0]'),
    );
    const tcp = fc.tuple(host, fc.nat(65535)).map(([name, port]) => `${name}:${port}`);
    const path = fc.stringMatching(/^[a-z./]{1,60}[a-z]$/).map((text) => `unix:/${text}`);
    const fd = fc.integer({ min: 3, max: 2 ** 31 - 1 }).map((number) => `fd:${number}`);
    fc.assert(
      fc.property(fc.oneof(tcp, path, fd), (text) => {
        const address = parse(text);
        expect(parse(address.canonical)).toEqual(address);
      }),
      { numRuns: 500 },
    );
  });

  it('writes IPv6 as WHATWG URLs do', () => {
    fc.assert(
      fc.property(fc.ipV6(), (ip) => {
        const { host } = parse(`[${ip}]:80`);
        if (host?.includes(':')) expect(`[${host}]`).toBe(new URL(`http://[${ip}]`).hostname);
      }),
      { numRuns: 500 },
    );
  });

  it('throws nothing but TypeErrors, for any text', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...Array.from('[]:.%*0159afxunidh/@ ')) }),
    );
    fc.assert(
      fc.property(text, (value) => {
        try {
          parse(value);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('BindAddress', () => {
  it.each([
    [':80', '127.0.0.1:80', true],
    [':80', '[::1]:80', true],
    [':80', 'example.com:80', true],
    [':80', ':81', false],
    ['0.0.0.0:80', '127.0.0.1:80', true],
    ['0.0.0.0:80', ':80', true],
    ['0.0.0.0:80', '[::1]:80', false],
    ['0.0.0.0:80', 'localhost:80', true],
    ['0.0.0.0:80', 'example.com:80', true],
    ['localhost:80', '127.0.0.1:80', true],
    ['localhost:80', '[::1]:80', true],
    ['localhost:80', '127.0.0.2:80', false],
    ['127.0.0.1:80', '[::1]:80', false],
    ['127.0.0.1:80', '[::ffff:127.0.0.1]:80', true],
    ['a.example:80', 'A.example:80', true],
    ['a.example:80', 'b.example:80', false],
    [':0', ':0', false],
    ['127.0.0.1:0', ':0', false],
    ['unix:/a.sock', 'unix:/b/../a.sock', true],
    ['unix:/a.sock', 'unix:/b.sock', false],
    ['unix:/a.sock', ':80', false],
    ['fd:3', 'fd:3', true],
    ['fd:3', 'fd:4', false],
    ['fd:3', 'unix:/a.sock', false],
  ])('%s overlaps %s: %p, either way round', (a, b, overlaps) => {
    expect(parse(a).overlaps(parse(b))).toBe(overlaps);
    expect(parse(b).overlaps(parse(a))).toBe(overlaps);
  });

  it('equals another spelling', () => {
    expect(parse(':80').equals(parse('*:80'))).toBe(true);
    expect(parse(':80').equals(parse('0.0.0.0:80'))).toBe(false);
  });

  it('tells the parts of each kind', () => {
    expect(parse('[::1]:80')).toMatchObject({ kind: 'tcp', host: '::1', port: 80 });
    expect(parse('unix:/a.sock')).toMatchObject({ kind: 'unix', path: '/a.sock' });
    expect(parse('fd:3')).toMatchObject({ kind: 'fd', fd: 3, ephemeral: false });
    expect(parse(':0').ephemeral).toBe(true);
  });

  it('moves to another port', () => {
    expect(parse('[::1]:0').withPort(8080).canonical).toBe('[::1]:8080');
    expect(() => parse(':0').withPort(65536)).toThrow(/65536 is not a port/);
    expect(() => parse('fd:3').withPort(80)).toThrow(/'fd:3' has no port/);
  });
});
