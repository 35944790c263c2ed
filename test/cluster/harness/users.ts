/**
 * Who stands on the running cluster, so that nobody takes it away under somebody else.
 * Invariant: a user is a live process; what a killed one left does not count.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { isRunning } from './daemon.ts';
import { state } from './settings.ts';

export function enter(): void {
  mkdirSync(state('users'), { recursive: true });
  writeFileSync(state('users', String(process.pid)), process.argv.join(' '));
}

export function leave(): void {
  rmSync(state('users', String(process.pid)), { force: true });
}

/** Process ids of the others. */
export function others(): number[] {
  try {
    return readdirSync(state('users'))
      .map(Number)
      .filter((pid) => pid !== process.pid && isAlive(pid));
  } catch {
    return [];
  }
}

export function refuseWhileUsed(): void {
  const pids = others();
  if (pids.length === 0 || process.argv.includes('--force')) return;
  throw new Error(`the cluster is in use by process ${pids.join(', ')}: wait for it, or say --force`);
}

export const isUp = (): boolean => isRunning('kube-apiserver') && isRunning('kubelet') && isRunning('meter');

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
