/** Work that is done step by step, so that who does it may do something else between two of them. */
export type Steps<T> = Generator<void, T, void>;

/** Does all steps at once. */
export function allAtOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
