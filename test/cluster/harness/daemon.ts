/**
 * The cluster's long-running programs: started detached, each with a log and a record of its process.
 * Invariant: only a process that this harness has recorded, and that is still the same one, is ever signalled.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { state } from './settings.ts';
import { until } from './wait.ts';

export interface Daemon {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

interface Recorded {
  readonly pid: number;
  /** The kernel's start time of the process: a reused pid has another one. */
  readonly born: string;
}

export const logOf = (name: string): string => state('logs', `${name}.log`);
const recordOf = (name: string): string => state('pids', `${name}.json`);

export function startDaemon(daemon: Daemon): void {
  mkdirSync(state('logs'), { recursive: true });
  mkdirSync(state('pids'), { recursive: true });
  if (isRunning(daemon.name)) throw new Error(`${daemon.name} runs already`);
  const log = openSync(logOf(daemon.name), 'a');
  const child = spawn(daemon.command, daemon.args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: daemon.env ?? process.env,
    cwd: daemon.cwd ?? state(),
  });
  closeSync(log);
  child.on('error', () => undefined);
  if (child.pid === undefined) throw new Error(`${daemon.name}: ${daemon.command} could not be started`);
  const record: Recorded = { pid: child.pid, born: born(child.pid) ?? '' };
  writeFileSync(recordOf(daemon.name), JSON.stringify(record));
  child.unref();
}

export function isRunning(name: string): boolean {
  const record = recorded(name);
  return record !== undefined && born(record.pid) === record.born;
}

/** Waits until `ready` says so; a daemon that died meanwhile is reported at once, with the end of its log. */
export async function daemonReady(
  name: string,
  seconds: number,
  ready: () => Promise<boolean> | boolean,
): Promise<void> {
  let died = false;
  try {
    await until(`${name} to be ready`, seconds, async () => {
      died = !isRunning(name);
      if (died) return true;
      return (await ready()) ? true : undefined;
    });
  } catch (problem) {
    throw new Error(`${problem instanceof Error ? problem.message : String(problem)}\n${tailOfLog(name)}`);
  }
  if (died) throw new Error(`${name} ended right after its start\n${tailOfLog(name)}`);
}

export async function stopDaemon(
  name: string,
  signal: NodeJS.Signals = 'SIGTERM',
  seconds = 15,
): Promise<void> {
  const record = recorded(name);
  if (record === undefined) return;
  const gone = () => (born(record.pid) === record.born ? undefined : true);
  if (!gone()) {
    send(record.pid, signal);
    await until(`${name} to end`, seconds, gone, 50).catch(() => send(record.pid, 'SIGKILL'));
    await until(`${name} to be gone`, 15, gone, 50);
  }
  rmSync(recordOf(name), { force: true });
}

export function recordedDaemons(): string[] {
  try {
    return readdirSync(state('pids'))
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length));
  } catch {
    return [];
  }
}

export function tailOfLog(name: string, lines = 25): string {
  try {
    const text = readFileSync(logOf(name), 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
    return `--- ${name}: the end of ${logOf(name)}\n${text}`;
  } catch {
    return `--- ${name}: no log`;
  }
}

function recorded(name: string): Recorded | undefined {
  try {
    return JSON.parse(readFileSync(recordOf(name), 'utf8')) as Recorded;
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/<pid>/stat; a zombie counts as gone. */
function born(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone meanwhile
  }
}
