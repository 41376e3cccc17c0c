import type { ServerResponse } from 'node:http';

/** The answers of a client that asks again before it has the answer to the request before. */
export class Pipeline {
  /** Those behind the one that is being sent. */
  private readonly waiting = new Set<ServerResponse>();
  private last: ServerResponse | undefined;

  add(response: ServerResponse): void {
    this.waiting.add(response);
    this.last = response;
    response.once('close', () => this.waiting.delete(response));
  }

  /** All that waited has been sent. */
  clear(): void {
    this.waiting.clear();
    this.last = undefined;
  }

  has(response: ServerResponse): boolean {
    return this.waiting.has(response);
  }

  /** The one that was asked for last. */
  get newest(): ServerResponse | undefined {
    return this.last;
  }

  /** The one in front of those that are so. */
  first(isSo: (response: ServerResponse) => boolean): ServerResponse | undefined {
    for (const response of this.waiting) if (isSo(response)) return response;
    return undefined;
  }

  [Symbol.iterator](): Iterator<ServerResponse> {
    return this.waiting.values();
  }
}
