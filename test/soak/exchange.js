/**
 * What one request carries and what its answer must be, known to both sides: any byte that is
 * missing, doubled or from another answer shows.
 */
import { createHash } from 'node:crypto';

const uploadSizes = [0, 20, 300, 3000, 40_000, 300_000];
const answerSizes = [20, 300, 3000, 40_000, 300_000];

/** Mostly small, sometimes large: large bodies are under way while a change falls. */
function pick(sizes, id) {
  const weight = createHash('md5').update(id).digest()[0] / 256;
  return sizes[Math.floor(weight ** 3 * sizes.length)];
}

function fill(id, length) {
  return Buffer.alloc(length, `${id} `);
}

export function uploadOf(id) {
  return fill(`up ${id}`, pick(uploadSizes, `${id} up`));
}

export function answerTo(id) {
  return fill(`down ${id}`, pick(answerSizes, `${id} down`));
}
