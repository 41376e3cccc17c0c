import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The processes below one, by their ids. Empty where the system tells nothing of them.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_tid_children.5.html
 */
export async function descendantsOf(pid: number): Promise<ReadonlySet<number>> {
  const childrenOf = process.platform === 'linux' ? childrenByProc : await childrenByPs();
  const found = new Set<number>();
  const visit = async (parent: number): Promise<void> => {
    for (const child of await childrenOf(parent)) {
      if (found.has(child)) continue;
      found.add(child);
      await visit(child);
    }
  };
  await visit(pid);
  return found;
}

async function childrenByProc(pid: number): Promise<number[]> {
  try {
    const tasks = await readdir(`/proc/${pid}/task`);
    const lists = tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8'));
    return (await Promise.all(lists)).flatMap((list) =>
      list.split(' ').filter(Boolean).map(Number),
    );
  } catch {
    // It has ended meanwhile, or this kernel has no such file.
    return [];
  }
}

async function childrenByPs(): Promise<(pid: number) => Promise<number[]>> {
  const list = await run('ps', ['-A', '-o', 'pid=,ppid=']).catch(() => ({ stdout: '' }));
  const pairs = list.stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  return async (pid) => pairs.flatMap(([child, parent]) => (parent === pid ? [child!] : []));
}

/**
 * The processes whose environment holds `mark`: one that leaves its parent and its group, as a daemon
 * does, keeps that. Empty where the system does not show it.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_environ.5.html
 */
export async function processesMarked(mark: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const isMarked = async (pid: string): Promise<boolean> =>
    (await readFile(`/proc/${pid}/environ`).catch(() => Buffer.alloc(0))).includes(mark);
  const marked = await Promise.all(pids.map(isMarked));
  return pids.filter((_, index) => marked[index]).map(Number);
}

/** Whether a process group has a process. */
export function groupIsThere(group: number): boolean {
  return signalGroup(group, 0);
}

/** @returns whether there was somebody to tell */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}

export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
