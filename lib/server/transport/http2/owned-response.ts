import {
  constants,
  Http2ServerResponse,
  type Http2ServerRequest,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { setTrailerOf, streamOf } from '../node/node-http2.js';

type Pushed = (error: Error | null, response: Http2ServerResponse) => void;

/**
 * Node's response of HTTP/2, whose trailers have an owner for what is wrong with them: Node finds it when the body is
 * sent, in a listener of its own, where nobody would catch it. An answer without trailers pays nothing.
 *
 * @see https://nodejs.org/api/http2.html#http2createserveroptions-onrequesthandler
 */
export class OwnedResponse<
  Request extends Http2ServerRequest = Http2ServerRequest,
> extends Http2ServerResponse<Request> {
  override addTrailers(trailers: OutgoingHttpHeaders): void {
    ownTrailers(this, this);
    super.addTrailers(trailers);
  }

  /** Of a handler that knows it: see {@link setTrailerOf}. */
  setTrailer(name: string, value: string | readonly string[]): void {
    ownTrailers(this, this);
    setTrailerOf(this, name, value);
  }

  /** Of Node's own kind. What is wrong with it is told as what is wrong with this one. */
  override createPushResponse(headers: OutgoingHttpHeaders, callback: Pushed): void {
    if (typeof callback !== 'function') return super.createPushResponse(headers, callback);
    super.createPushResponse(headers, (error, response?: Http2ServerResponse) => {
      if (response) {
        response.on('error', (failure) => this.emit('error', failure));
        ownTrailers(response, this);
      }
      callback(error, response as Http2ServerResponse);
    });
  }
}

/** Breaks an answer off whose trailers HTTP/2 forbids, and tells of it as its error. */
function ownTrailers(response: Http2ServerResponse, told: Http2ServerResponse): void {
  const stream = streamOf(response);
  if (Object.hasOwn(stream, 'sendTrailers')) return;
  const send = stream.sendTrailers.bind(stream);
  stream.sendTrailers = (trailers) => {
    try {
      send(trailers);
    } catch (error) {
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      told.emit('error', error);
    }
  };
}
