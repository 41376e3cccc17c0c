/**
 * Whether a handler's outcome is to be waited for: a promise, also one of another realm (a `vm`
 * context, a test runner), or a thenable of a library.
 */
export function isThenable(outcome: unknown): outcome is PromiseLike<unknown> {
  if (outcome === undefined || outcome === null) return false;
  return typeof (outcome as { then?: unknown }).then === 'function';
}

/** Has a rejection told. Adopted, for a thenable may call back twice, or throw when it is asked. */
export function whenRejected(
  outcome: PromiseLike<unknown>,
  onFailure: (error: unknown) => void,
): void {
  Promise.resolve(outcome).then(undefined, onFailure);
}
