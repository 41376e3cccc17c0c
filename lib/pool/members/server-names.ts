import { quote } from '../../config/redact.js';

/** Of the names that could have been meant, in a message. */
const mostShown = 10;

/** Such as «the servers are 'web', 'admin'». */
export function describeNames(all: Iterable<string>, whenNone: string): string {
  const names: string[] = [];
  for (const name of all) {
    if (names.length === mostShown) {
      names.push('…');
      break;
    }
    names.push(quote(name));
  }
  return names.length > 0 ? `the servers are ${names.join(', ')}` : whenNone;
}
