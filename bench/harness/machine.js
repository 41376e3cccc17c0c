import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** What the numbers were measured on. */
export function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${arch()}`,
    node: process.versions.node,
  };
}

/** What a process has open beside the sockets that a bench opens. */
export const otherDescriptors = 100;

/** How many files and sockets this process may have open. */
export function descriptorLimit() {
  const { soft } = process.report.getReport().userLimits.open_files;
  return soft === 'unlimited' ? Infinity : Number(soft);
}
