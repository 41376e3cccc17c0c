/** Who is told when a signal aborts. */
interface Child {
  /** The parent signal has aborted. @internal */
  stopWithParent(): void;
}

const childrenOf = new WeakMap<AbortSignal, Set<WeakRef<Child>>>();
const dropped = new FinalizationRegistry<() => void>((forget) => forget());

/**
 * Stops a child with its parent signal. A signal may live as long as the process: it gets one
 * listener for all its children, and keeps none alive that nobody else holds.
 */
export function stopWith(signal: AbortSignal, child: Child): void {
  const children = childrenOf.get(signal) ?? listen(signal);
  const reference = new WeakRef(child);
  children.add(reference);
  dropped.register(child, () => children.delete(reference));
}

function listen(signal: AbortSignal): Set<WeakRef<Child>> {
  const children = new Set<WeakRef<Child>>();
  childrenOf.set(signal, children);
  const stop = (): void => children.forEach((reference) => reference.deref()?.stopWithParent());
  signal.addEventListener('abort', stop, { once: true });
  return children;
}
