/**
 * The agent at work: configuration, reporters, HTTP, the fleet and its sweep, from start to stop.
 *
 * **Invariant:** stopping finishes the step at hand of every instance before anything else is taken down.
 */
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { schedule } from 'node-cron';
import type { Logger } from 'pino';
import type { PlannedInstance, Services } from './cli/services.ts';
import { type Composition, compose } from './compose.ts';
import type { ConfigKeeper } from './config/keeper.ts';
import { watchConfig } from './config/watch.ts';
import { Fleet } from './fleet.ts';
import { type Health, startHttpServer } from './http/server.ts';
import { RotatorError } from './model/errors.ts';
import type { InstanceSettings } from './model/settings.ts';
import type { Clock, Random, Reporter } from './ports.ts';
import { writeOrders } from './rotation/write-orders.ts';
import { createTelemetry } from './telemetry/telemetry.ts';

export interface ServiceParts {
  readonly file: string;
  readonly keeper: ConfigKeeper;
  readonly kubeConfig: KubeConfig;
  readonly clock: Clock;
  readonly random: Random;
  /** Who of several agents this is: the pod's name. */
  readonly identity: string;
  readonly version: string;
  readonly node: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

const SILENT: Reporter = { tell: () => undefined, flush: () => Promise.resolve() };

const readiness = (fleet: Fleet): Health => {
  const waiting = fleet.instances.filter((instance) => instance.reconciler.lastTurnAt === undefined);
  return {
    // One namespace that can't be read must not take the others' agent out of service.
    ok: fleet.instances.length > waiting.length,
    details: waiting.map((instance) => `${instance.services.settings.name}: not looked at yet`),
  };
};

const run = async (parts: ServiceParts, composition: Composition, signal: AbortSignal): Promise<void> => {
  const { keeper, clock, logger } = parts;
  const telemetry = createTelemetry({
    ...parts,
    events: {
      cluster: composition.cluster,
      targetsOf: (name) => keeper.settings.instances.find((settings) => settings.name === name)?.names,
    },
  });
  const fleet = new Fleet((settings) => composition.instance(settings, telemetry.reporter));
  const http = await startHttpServer(keeper.settings.http, {
    metrics: () => telemetry.metrics.text(),
    health: () => ({ ok: true, details: [] }),
    readiness: () => readiness(fleet),
  });
  const sweepWith = (expression: string) =>
    schedule(expression, () => {
      fleet.sweep();
    });
  let sweep = sweepWith(keeper.settings.sweep);
  const watch = watchConfig(parts.file, keeper, clock, {
    onSettings: (settings) => {
      logger.info(
        { instances: settings.instances.map(({ name }) => name) },
        'a changed configuration is in effect',
      );
      const names = new Set(settings.instances.map(({ name }) => name));
      for (const { services } of fleet.instances) {
        if (!names.has(services.settings.name)) telemetry.metrics.forget(services.settings.name);
      }
      void sweep.stop();
      sweep = sweepWith(settings.sweep);
      void fleet.apply(settings);
    },
    onRefused: (error) => logger.error(error.message),
  });
  await fleet.apply(keeper.settings);
  logger.info({ port: http.port, instances: keeper.settings.instances.map(({ name }) => name) }, 'at work');
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  logger.info('asked to stop: the step at hand is finished first');
  await watch.close();
  void sweep.stop();
  await fleet.stop();
  await telemetry.close();
  await http.close();
};

const settingsOf = (keeper: ConfigKeeper, name: string): InstanceSettings => {
  const settings = keeper.settings.instances.find((candidate) => candidate.name === name);
  if (settings === undefined) {
    throw new RotatorError('refused', {
      what: `No instance is called ${JSON.stringify(name)}.`,
      effect: 'Nothing was done.',
      next: `Configured: ${keeper.settings.instances.map((each) => each.name).join(', ')}.`,
    });
  }
  return settings;
};

/** What the commands work with. */
export const createServices = (parts: ServiceParts): Services => {
  const composition = compose({
    kubeConfig: parts.kubeConfig,
    clock: parts.clock,
    random: parts.random,
    identity: parts.identity,
    environment: parts.environment,
    onTrouble: (what) => parts.logger.debug(what),
  });
  return {
    instances: parts.keeper.settings.instances,
    plan: async (name): Promise<PlannedInstance> => {
      const instance = settingsOf(parts.keeper, name);
      return { instance, plan: await composition.instance(instance, SILENT).rotation.plan() };
    },
    order: (name, annotations) =>
      writeOrders(composition.cluster, settingsOf(parts.keeper, name), annotations),
    run: (signal) => run(parts, composition, signal),
    close: () => Promise.resolve(),
  };
};
