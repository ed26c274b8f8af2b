import { execFileSync, spawnSync } from 'node:child_process';

export interface Descendant {
  pid: number;
  command: string;
}

/** All processes that `pid` has started, and those that they have. */
export function descendants(pid: number): Descendant[] {
  const rows = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args=']).toString().split('\n');
  const processes = rows.map((row) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? []);
  const childrenOf = (parent: number): Descendant[] =>
    processes.flatMap(([, child, its, command = '']) =>
      Number(its) === parent ? [{ pid: Number(child), command }, ...childrenOf(Number(child))] : [],
    );
  return childrenOf(pid);
}

/** A process that has ended counts as gone, also while nobody has taken note of its end. */
export function isRunning({ pid }: Descendant): boolean {
  const { stdout } = spawnSync('ps', ['-p', `${pid}`, '-o', 'stat=']);
  return /^[^Z]/.test(stdout.toString().trim());
}
