/**
 * A real program run by a check: its output followed, its end noticed, ended itself when the check is over.
 *
 * **Invariant:** only processes started here are ever signalled, each by its own handle.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../harness/wait.ts';

export interface Exit {
  readonly code: number | null;
}

export interface Program {
  /** Everything it printed so far, both streams. */
  output(): string;
  exit(): Exit | undefined;
  write(line: string): void;
  /** Waits until it has printed `text`; fails at once where it ended first. */
  said(text: string, seconds?: number): Promise<void>;
  /** Waits until it has ended by itself. */
  ended(seconds?: number): Promise<Exit>;
  stop(): Promise<void>;
}

const running = new Set<Program>();
const folders = new Set<string>();

/** Ends what the last check started and takes its files away. */
export async function cleanUp(): Promise<void> {
  await Promise.all([...running].map((program) => program.stop()));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

/** A folder of its own, gone with {@link cleanUp}. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'mtls-rotator-facts-'));
  folders.add(made);
  return made;
}

/** A port on loopback that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.exitCode === null && child.signalCode === null) child.kill(name);
}

export function start(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Program {
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let printed = '';
  let exit: Exit | undefined;
  const take = (chunk: Buffer): void => {
    printed += chunk.toString();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  child.stdin.on('error', () => undefined);
  child.once('error', (error) => take(Buffer.from(String(error))));
  child.once('close', (code) => {
    exit = { code };
  });
  const program: Program = {
    output: () => printed,
    exit: () => exit,
    write: (line) => void child.stdin.write(`${line}\n`),
    said: async (text, seconds = 30) => {
      await until(
        `${command} to say ${text}`,
        seconds,
        () => (printed.includes(text) || exit !== undefined ? true : undefined),
        25,
      );
      if (!printed.includes(text))
        throw new Error(`it ended with ${exit?.code} without saying ${text}:\n${printed}`);
    },
    ended: (seconds = 30) =>
      until(`${command} to end, which printed\n${printed.slice(-2000)}`, seconds, () => exit, 25),
    stop: async () => {
      signal(child, 'SIGKILL');
      await until('the program to be gone', 10, () => exit, 10);
      running.delete(program);
    },
  };
  running.add(program);
  return program;
}
