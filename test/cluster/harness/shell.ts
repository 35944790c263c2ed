/** Runs a program to its end. Invariant: a failure carries what the program printed. */
import { spawn } from 'node:child_process';

export interface ShellOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Lines are shown while the program runs: for what takes minutes. */
  readonly show?: boolean;
}

export function shell(command: string, args: readonly string[], options: ShellOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => {
      out.push(chunk);
      if (options.show) process.stderr.write(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err.push(chunk);
      if (options.show) process.stderr.write(chunk);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const stdout = Buffer.concat(out).toString();
      if (code === 0) return resolve(stdout);
      const said = `${stdout}\n${Buffer.concat(err).toString()}`.trim().slice(-2000);
      reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${said}`));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** For cleaning up, where there may be nothing to clean. */
export async function quietly(command: string, args: readonly string[]): Promise<string> {
  try {
    return await shell(command, args);
  } catch {
    return '';
  }
}
