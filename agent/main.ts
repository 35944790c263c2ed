#!/usr/bin/env node
/**
 * The program: the only reader of arguments, environment and signals.
 *
 * **Invariant:** nothing below this file looks at `process`.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { runProgram } from './cli/program.ts';
import { loadSidecarConfig } from './config/sidecar-parse.ts';
import { loadConfig } from './config/watch.ts';
import { loadConnection } from './kube/connection.ts';
import { createMigration } from './migration-service.ts';
import { pause } from './runtime/pause.ts';
import { systemClock } from './runtime/system-clock.ts';
import { systemRandom } from './runtime/system-random.ts';
import { createServices } from './service.ts';
import { runSidecar } from './sidecar-service.ts';
import { createLogger } from './telemetry/logs.ts';

const { env, argv, stdout, stderr } = process;

/** The package's own file lies beside the sources, and beside `dist/` where the program is compiled. */
const version = (): string => {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const text: unknown = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'));
      if (typeof text === 'object' && text !== null && 'version' in text) return String(text.version);
    } catch {
      // The other place, then.
    }
  }
  return 'unknown';
};

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => stop.abort());
}

process.exitCode = await runProgram(argv.slice(2), {
  version: version(),
  signal: stop.signal,
  terminal: {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    colours: stdout.isTTY && (env.NO_COLOR ?? '') === '',
  },
  runSidecar: async ({ config, kubeconfig }, signal) =>
    runSidecar(
      {
        settings: await loadSidecarConfig(config),
        connect: () => loadConnection(kubeconfig === undefined ? {} : { path: kubeconfig }),
        clock: systemClock,
        random: systemRandom,
        identity: hostname(),
        version: version(),
        node: process.version,
        environment: env,
        logger: createLogger(env.MTLS_ROTATOR_LOG_LEVEL ?? 'info'),
      },
      signal,
    ),
  openMigration: async ({ kubeconfig }) =>
    createMigration({
      kubeConfig: loadConnection(kubeconfig === undefined ? {} : { path: kubeconfig }),
      clock: systemClock,
      random: systemRandom,
      identity: hostname(),
      environment: env,
      pause,
    }),
  open: async ({ config, kubeconfig }) =>
    createServices({
      file: config,
      keeper: await loadConfig(config),
      kubeConfig: loadConnection(kubeconfig === undefined ? {} : { path: kubeconfig }),
      clock: systemClock,
      random: systemRandom,
      identity: env.POD_NAME ?? hostname(),
      version: version(),
      node: process.version,
      environment: env,
      logger: createLogger(env.MTLS_ROTATOR_LOG_LEVEL ?? 'info'),
    }),
});
