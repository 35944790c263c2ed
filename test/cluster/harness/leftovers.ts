/**
 * What outlives a killed harness: shims with their containers, and the kubelet's control groups.
 * Invariant: only a shim that was started with this cluster's own socket is taken for this cluster's.
 */
import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { state } from './settings.ts';

const groupRoot = '/sys/fs/cgroup';
const groupName = 'kubepods';
const groupsBefore = (): string => state('cgroups.before');

/** For when containerd itself can't be asked any more. */
export function killShims(socket: string): void {
  const children = new Map<number, number[]>();
  const shims: number[] = [];
  for (const pid of readdirSync('/proc').map(Number).filter(Number.isInteger)) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), pid]);
      const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const isShim = argv[0]?.endsWith('/containerd-shim-runc-v2') === true;
      if (isShim && argv[argv.indexOf('-address') + 1] === socket) shims.push(pid);
    } catch {
      // gone meanwhile
    }
  }
  // The shim last: it would only report its containers' ends to nobody.
  const withChildren = (pid: number): number[] => [...(children.get(pid) ?? []).flatMap(withChildren), pid];
  for (const pid of shims.flatMap(withChildren)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // gone meanwhile
    }
  }
}

/** Another kubelet's control groups have the same name: noted before, they are left alone. */
export function noteControlGroups(): void {
  if (controlGroups().length > 0) writeFileSync(groupsBefore(), '');
}

export function removeControlGroups(): void {
  if (existsSync(groupsBefore())) return;
  for (const group of controlGroups()) removeGroup(group);
}

function controlGroups(): string[] {
  const hierarchies = ['', ...readdirSync(groupRoot)];
  return hierarchies.map((name) => join(groupRoot, name, groupName)).filter((path) => existsSync(path));
}

/** Depth first; one that still has a process refuses, which is right. */
function removeGroup(group: string): void {
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroup(join(group, entry.name));
  }
  try {
    rmdirSync(group);
  } catch {
    // in use
  }
}
