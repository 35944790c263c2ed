/**
 * What `migrate` works with: the cluster as its user may see it, and the engine that the agent runs.
 *
 * **Invariant:** only this wiring has an inventory and makes objects; the agent at work is given neither.
 */
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { stringify } from 'yaml';
import type { Attended, MigrationServices } from './cli/services.ts';
import { compose } from './compose.ts';
import { parseConfig } from './config/parse.ts';
import { ConfigError } from './config/problem.ts';
import { createInventory } from './kube/inventory.ts';
import { createOwnObjects } from './kube/own-objects.ts';
import { look, see } from './migration/look.ts';
import { planMigration } from './migration/planning/plan.ts';
import { engineWords } from './migration/running/engine-words.ts';
import { MigrationJournalStore } from './migration/running/journal.ts';
import { runMigration } from './migration/running/run.ts';
import { migrationSettings } from './migration/running/settings.ts';
import type { MigrationTools } from './migration/running/tools.ts';
import { undoMigration } from './migration/running/undo.ts';
import type { Happening } from './model/happening.ts';
import type { MigrationPlan } from './model/migration.ts';
import type { InstanceSettings } from './model/settings.ts';
import type { Duration } from './model/terms.ts';
import type { Clock, Random } from './ports.ts';

export interface MigrationParts {
  readonly kubeConfig: KubeConfig;
  readonly clock: Clock;
  readonly random: Random;
  /** Who this is, for Events. */
  readonly identity: string;
  /** Of the process: a proxy towards what sources ask is named there. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Resolves after a while, or as soon as the signal is aborted. */
  readonly pause: (delay: Duration, signal: AbortSignal) => Promise<void>;
}

/** @throws ConfigError, RotatorError */
const settingsOf = (plan: MigrationPlan): InstanceSettings => {
  const parsed = parseConfig(stringify(plan.config ?? {}));
  if (!parsed.ok) throw new ConfigError("the plan's configuration", parsed.problems);
  return migrationSettings(plan, parsed.settings.instances);
};

export const createMigration = (parts: MigrationParts): MigrationServices => {
  const { clock, pause } = parts;
  const composition = compose({ ...parts, onTrouble: () => undefined });
  const { cluster } = composition;
  const inventory = createInventory(parts);
  const own = createOwnObjects(parts);
  const toolsFor = ({ signal, tell }: Attended): MigrationTools => ({
    cluster,
    own,
    clock,
    signal,
    tell,
    pause: (delay) => pause(delay, signal),
    engine: (settings) => {
      const told: Happening[] = [];
      const { services, rotation } = composition.instance(settings, {
        tell: (happening) => void told.push(happening),
        flush: () => Promise.resolve(),
      });
      return { services, rotation, told: () => engineWords(told.splice(0)) };
    },
  });
  return {
    look: (request) => look({ cluster, inventory, clock }, request),
    run: async (request) =>
      await runMigration(toolsFor(request), { ...request, settings: settingsOf(request.plan) }),
    undo: async (request) =>
      await undoMigration(toolsFor(request), { ...request, settings: settingsOf(request.plan) }),
    status: async (namespace) => await new MigrationJournalStore(cluster, namespace).read(),
    plan: async (request, choice) => {
      const { sight, findings } = await see({ cluster, inventory, clock }, request);
      return planMigration(sight, findings, choice);
    },
    close: () => Promise.resolve(),
  };
};
