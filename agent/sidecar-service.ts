/**
 * A sidecar from start to stop: configuration, files, the API if it may be used, HTTP.
 *
 * **Invariant:** nothing here decides; it puts the parts together.
 */
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { Logger } from 'pino';
import { realFileTree } from '../integrations/mounted/file-tree.ts';
import { type Health, startHttpServer } from './http/server.ts';
import { createCluster } from './kube/cluster.ts';
import { createLeases } from './kube/lease.ts';
import { RotatorError } from './model/errors.ts';
import type { SidecarSettings } from './model/sidecar-settings.ts';
import type { Clock, Random } from './ports.ts';
import { realFileSystem } from './sidecar/files/file-system.ts';
import type { SidecarApi } from './sidecar/services.ts';
import { Sidecar } from './sidecar/sidecar.ts';
import { createSidecarSources } from './sidecar/sources.ts';
import { tellingOf } from './sidecar/tell.ts';
import { createTelemetry } from './telemetry/telemetry.ts';
import { createDialer } from './verification/handshake.ts';
import { strangers } from './verification/stranger.ts';

export interface SidecarParts {
  readonly settings: SidecarSettings;
  /** Asked for only where the API may be used. @throws RotatorError */
  readonly connect: () => KubeConfig;
  readonly clock: Clock;
  readonly random: Random;
  /** Which process this is, where no variable names the pod. */
  readonly identity: string;
  readonly version: string;
  /** Version of Node. */
  readonly node: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

const named = (environment: SidecarParts['environment'], name: string, field: string): string => {
  const value = environment[name];
  if (value !== undefined && value !== '') return value;
  throw new RotatorError('refused', {
    what: `The variable ${name} is not set.`,
    effect: 'Nothing was written, and the pod does not start.',
    next: `Set it from the downward API (\`fieldPath: ${field}\`), or set \`api: none\`.`,
  });
};

const apiOf = ({ settings, connect, clock, random, environment }: SidecarParts): SidecarApi | undefined => {
  if (settings.api === 'none') return undefined;
  const pod = named(environment, 'POD_NAME', 'metadata.name');
  const namespace = named(environment, 'POD_NAMESPACE', 'metadata.namespace');
  const tools = { kubeConfig: connect(), clock, random };
  return {
    cluster: createCluster({ ...tools, reporter: pod }),
    leases: createLeases(tools),
    dialer: createDialer(clock, strangers(clock, random)),
    namespace,
    pod,
  };
};

const waiting = (sidecar: Sidecar): readonly string[] => {
  const { hold, files } = sidecar.state;
  return [...(files === 'written' ? [] : ['no files yet']), ...(hold === undefined ? [] : [hold.what])];
};

/** Works until the signal. @throws RotatorError where it can't begin */
export const runSidecar = async (parts: SidecarParts, signal: AbortSignal): Promise<void> => {
  const { settings, clock, random, logger, environment } = parts;
  const api = apiOf(parts);
  const place = {
    namespace: api?.namespace ?? environment.POD_NAMESPACE ?? '',
    pod: api?.pod ?? environment.POD_NAME ?? parts.identity,
  };
  const telemetry = createTelemetry({ ...parts, identity: place.pod, events: undefined });
  const sources = createSidecarSources(settings, {
    tree: realFileTree,
    clock,
    onRefused: (directory, code) =>
      logger.warn(`${directory} can't be watched (${code}); it is looked at every so often`),
  });
  const sidecar: Sidecar = new Sidecar(
    { settings, sources, files: realFileSystem, clock, random, api },
    tellingOf(settings, place, telemetry.reporter, () => sidecar.state.files),
  );
  const written = (): Health => ({ ok: sidecar.state.files === 'written', details: waiting(sidecar) });
  const http = await startHttpServer(settings.http, {
    metrics: () => telemetry.metrics.text(),
    health: () => ({ ok: sidecar.isAlive, details: waiting(sidecar) }),
    readiness: written,
    startup: written,
  });
  logger.info({ port: http.port, component: settings.component }, 'at work');
  try {
    await sidecar.run(signal);
  } finally {
    await telemetry.close();
    await http.close();
  }
};
