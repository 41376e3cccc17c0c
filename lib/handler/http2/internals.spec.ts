import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { missingInternals } from './internals.js';

describe(`Node ${process.version}`, () => {
  it('still has what requests of HTTP/2 are given in the form of HTTP/1 by', () => {
    expect(missingInternals()).toEqual([]);
  });

  it.each([
    ['_header', 'string'],
    ['_headerSent', 'boolean'],
    ['_contentLength', 'object'],
    ['_hasBody', 'boolean'],
    ['_removedContLen', 'boolean'],
    ['_trailer', 'string'],
    ['_sent100', 'boolean'],
    ['_closed', 'boolean'],
    ['outputData', 'object'],
  ])('still has, undocumented, response.%s', (name, type) => {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    // Null before the head is settled; that it is a text then is looked for below.
    const value: unknown = Reflect.get(response, name);
    if (name === '_header') expect(value).toBeNull();
    else expect(typeof value).toBe(type);
  });

  it('still settles, undocumented, in response._header, ._contentLength, ._trailer and ._removedContLen, what it sends', () => {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    const of = (name: string): unknown => Reflect.get(response, name);
    response.removeHeader('Content-Length');
    response.addTrailers({ a: 'b' });
    expect([of('_removedContLen'), of('_trailer')]).toEqual([true, 'a: b\r\n']);
    response.end('hello');
    expect(of('_header')).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(of('_contentLength')).toBe(5);
    expect(of('outputData')).not.toEqual([]);
  });

  it('still leaves the body out, undocumented, by response._hasBody', () => {
    const request = new IncomingMessage(new Socket());
    request.method = 'HEAD';
    expect(Reflect.get(new ServerResponse(request), '_hasBody')).toBe(false);
  });

  it('still notes, undocumented, in request._consuming and ._readableState.readingMore, that a body is read', () => {
    const request = new IncomingMessage(new Socket());
    expect(Reflect.get(request, '_consuming')).toBe(false);
    const { readingMore } = Reflect.get(request, '_readableState') as { readingMore: unknown };
    expect(typeof readingMore).toBe('boolean');
  });

  it('still uses, undocumented, socket._httpMessage, ._hadError and ._writableState.corked of the socket of a response', async () => {
    const asked = new Set<PropertyKey>();
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
    const socket = new Proxy(sink, {
      get(target, key) {
        asked.add(key);
        return Reflect.get(target, key);
      },
    });
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    response.assignSocket(socket as Socket);
    expect(Reflect.get(socket, '_httpMessage')).toBe(response);
    socket.cork();
    socket.cork();
    response.end('hello');
    expect(socket.writableCorked).toBe(0);
    await once(response, 'finish');
    expect([...asked]).toEqual(expect.arrayContaining(['_hadError', '_writableState']));
  });

  it('is told by name what it lacks', () => {
    const request = {
      _addHeaderLines: () => undefined,
      _dump: () => undefined,
      _read: () => undefined,
    };
    expect(missingInternals(request)).toEqual(['IncomingMessage._destroy']);
    expect(missingInternals(undefined, {})).toContain('ServerResponse._storeHeader');
  });
});
