/**
 * What became of a call of `apply` that was no dry run: `applied`; `rejected`, the list was at fault and
 * nothing was tried; `rolled_back`, it was tried, failed, and was taken back.
 */
export type ApplyOutcome = 'applied' | 'rejected' | 'rolled_back';

/** Told when a call is over. It must not throw. */
export type ApplyListener = (outcome: ApplyOutcome) => void;
