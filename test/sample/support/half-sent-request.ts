import { RawClient } from '../../support/raw-client.js';

/** A request that the application waits for the end of. */
export class HalfSentRequest {
  private constructor(
    private readonly client: RawClient,
    private readonly body: string,
  ) {}

  /** Resolves when the server has it: a 100 says so. */
  static async send(url: string, route: string, body: string): Promise<HalfSentRequest> {
    const client = await RawClient.connect(url);
    const head = [
      `${route} HTTP/1.1`,
      'Host: localhost',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      'Expect: 100-continue',
    ];
    client.send([...head, '', ''].join('\r\n'));
    await client.until('100 Continue');
    return new HalfSentRequest(client, body);
  }

  /** Sends the rest, and resolves to the whole answer when it holds the text. */
  async answer(text: string): Promise<string> {
    this.client.send(this.body);
    return this.client.until(text);
  }

  close(): Promise<void> {
    return this.client.close();
  }
}
