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
import { Sidecar, type Turned } from './sidecar/sidecar.ts';
import { createSidecarSources } from './sidecar/sources.ts';
import { createDialer } from './verification/handshake.ts';
import { strangers } from './verification/stranger.ts';

export interface SidecarParts {
  readonly settings: SidecarSettings;
  /** Asked for only where the API may be used. @throws RotatorError */
  readonly connect: () => KubeConfig;
  readonly clock: Clock;
  readonly random: Random;
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

/** What goes on as before is told once. */
const teller = (logger: Logger): ((turned: Turned) => void) => {
  let said = '';
  return ({ action, hold, result }) => {
    const news = `${action?.kind ?? ''} ${result} ${hold?.code ?? ''} ${hold?.what ?? ''}`;
    const repeats = news === said;
    said = news;
    const fields = { event: `sidecar-${action?.kind ?? 'look'}`, result };
    if (hold !== undefined)
      logger[repeats ? 'debug' : 'warn'](
        { ...fields, code: hold.code, next: hold.next },
        `${hold.what} ${hold.effect}`,
      );
    else if (action !== undefined)
      logger[repeats ? 'debug' : 'info'](
        fields,
        'why' in action ? `${action.kind}: ${action.why}` : action.kind,
      );
  };
};

const waiting = (sidecar: Sidecar): readonly string[] => {
  const { hold, files } = sidecar.state;
  return [...(files === 'written' ? [] : ['no files yet']), ...(hold === undefined ? [] : [hold.what])];
};

/** Works until the signal. @throws RotatorError where it can't begin */
export const runSidecar = async (parts: SidecarParts, signal: AbortSignal): Promise<void> => {
  const { settings, clock, random, logger } = parts;
  const sources = createSidecarSources(settings, {
    tree: realFileTree,
    clock,
    onRefused: (directory, code) =>
      logger.warn(`${directory} can't be watched (${code}); it is looked at every so often`),
  });
  const sidecar = new Sidecar(
    { settings, sources, files: realFileSystem, clock, random, api: apiOf(parts) },
    teller(logger),
  );
  const written = (): Health => ({ ok: sidecar.state.files === 'written', details: waiting(sidecar) });
  const http = await startHttpServer(settings.http, {
    metrics: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: '' }),
    health: () => ({ ok: sidecar.isAlive, details: waiting(sidecar) }),
    readiness: written,
    startup: written,
  });
  logger.info({ port: http.port, component: settings.component }, 'at work');
  try {
    await sidecar.run(signal);
  } finally {
    await http.close();
  }
};
