/** The server's own record of what it answered, by the client and its running number. */
export class Ledger {
  #answers = new Map();
  /** Uploads that did not arrive as they were sent. */
  broken = [];
  #total = 0;
  #waiting = [];

  /** Notes an answer that was sent to its end. */
  answered(id) {
    const [client, number] = id.split('-');
    const times = this.#answers.get(client) ?? [];
    times[number] = (times[number] ?? 0) + 1;
    this.#answers.set(client, times);
    this.#total += 1;
    for (const { from, resolve } of this.#waiting) if (this.#total >= from) resolve();
    this.#waiting = this.#waiting.filter(({ from }) => this.#total < from);
  }

  get total() {
    return this.#total;
  }

  /** Resolves when so many more requests were answered: a change falls into load, not beside it. */
  more(requests) {
    return new Promise((resolve) => {
      this.#waiting.push({ from: this.#total + requests, resolve });
    });
  }

  /**
   * Holds the clients' record against this one.
   *
   * @param clients `{ client, issued, failed }`: the requests of each are numbered from 0 to
   *   `issued`, and all were answered but those of the numbers `failed`
   */
  compare(clients) {
    const difference = { twice: [], unknownToServer: [], unknownToClient: [] };
    for (const { client, issued, failed } of clients) {
      const times = this.#answers.get(String(client)) ?? [];
      const lost = new Set(failed);
      for (let number = 0; number < Math.max(issued, times.length); number += 1) {
        const id = `${client}-${number}`;
        const isAnswered = number < issued && !lost.has(number);
        if (times[number] > 1) difference.twice.push(id);
        if (isAnswered && !times[number]) difference.unknownToServer.push(id);
        if (!isAnswered && times[number]) difference.unknownToClient.push(id);
      }
    }
    return difference;
  }
}
