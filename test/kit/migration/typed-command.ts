/**
 * The shipped program's `migrate`, typed at a terminal that a test reads.
 */
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { runProgram } from '../../../agent/cli/program.ts';
import { createMigration } from '../../../agent/migration-service.ts';
import type { Clock } from '../../../agent/ports.ts';
import { systemRandom } from '../../../agent/runtime/system-random.ts';

export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  readonly kubeConfig: KubeConfig;
  readonly clock: Clock;
  /** Time passes while a command waits. */
  readonly pause: (delay: number) => Promise<void>;
}

export const typedCommand = async (
  argv: readonly string[],
  { kubeConfig, clock, pause }: Surroundings,
): Promise<Printed> => {
  const printed = { out: '', err: '' };
  const code = await runProgram(argv, {
    version: 'test',
    signal: new AbortController().signal,
    terminal: {
      out: (text) => {
        printed.out += text;
      },
      err: (text) => {
        printed.err += text;
      },
      colours: false,
    },
    open: () => Promise.reject(new Error('migrate reads no configuration')),
    runSidecar: () => Promise.reject(new Error('not asked for')),
    openMigration: () =>
      Promise.resolve(
        createMigration({
          kubeConfig,
          clock,
          random: systemRandom,
          identity: 'test',
          environment: {},
          pause,
        }),
      ),
  });
  return { code, ...printed };
};
