/**
 * What each step of a migration does, every time that the command comes to it.
 *
 * **Invariant:** a step looks first: what is there already is not done again, so that a command which was killed anywhere goes on from there.
 */
import { RotatorError } from '../../model/errors.ts';
import type { MigrationPlan, MigrationStepId } from '../../model/migration.ts';
import { COMPONENTS, type Component } from '../../model/terms.ts';
import { anchors } from '../../pki/anchors.ts';
import { materialHold } from '../../plan/hold.ts';
import { issue } from '../../rotation/issue.ts';
import { prove } from '../../rotation/prove.ts';
import { keptRoot } from './copies.ts';
import { driveUntilSteady } from './drive.ts';
import { make } from './made.ts';
import { notMoved } from './opened.ts';
import { mountableFrom, publishBeside } from './publish-beside.ts';
import { filledSecrets } from './settings.ts';
import { lookAtInstance } from './sight.ts';
import type { Ended, MigrationEngine, MigrationTools } from './tools.ts';
import type { Patience, WaitedFor } from './wait.ts';

export interface StepWork {
  readonly tools: MigrationTools;
  readonly engine: MigrationEngine;
  readonly plan: MigrationPlan;
  readonly id: string;
  readonly patience: Patience;
  /** Secrets to be filled that Argo CD mounts in any case: the engine's plan fills them. */
  readonly openedBefore: readonly string[];
}

/** Done: in one sentence; or how the command ends here. */
export type Taken = string | Ended;

const untilTrue = async (
  { patience }: StepWork,
  look: () => Promise<WaitedFor | undefined>,
): Promise<Ended | undefined> => {
  for (;;) {
    const waited = await look();
    if (waited === undefined) {
      patience.over();
      return undefined;
    }
    const ended = await patience.for(waited);
    if (ended !== undefined) return ended;
  }
};

const notBelow = (source: string, root: string): RotatorError =>
  new RotatorError('refused', {
    what: `${source} is not issued below the root that the plan keeps (${root}).`,
    effect: 'Nothing was published; traffic is as it was.',
    next: 'Have it issued below that root, or take back what was made (migrate undo) and plan with the other root.',
  });

/** Every source holds material that admission let through, below the root that is kept. */
const materialIsThere = async ({ engine, plan }: StepWork): Promise<WaitedFor | undefined> => {
  const root = plan.root && (await keptRoot(engine.services.cluster, plan.root));
  const { observation } = await lookAtInstance(engine.services);
  const readings = [
    ...observation.clientMaterials.map(({ reading, role }) => ({
      reading,
      role,
      purpose: 'client' as const,
    })),
    ...(observation.serving === undefined
      ? []
      : [{ reading: observation.serving, role: 'serving' as const, purpose: 'serving' as const }]),
  ];
  for (const { reading, role, purpose } of readings) {
    // A source that issues by itself holds nothing before it is asked. What comes of it is judged like anything else.
    if (reading.state === 'waiting' && reading.due !== undefined) {
      await issue(engine.services, observation, {
        kind: 'issue',
        role,
        source: reading.source,
        reason: reading.due.why,
      });
      return {
        what: `${reading.source} to hold what it was asked for`,
        next: 'Nothing: it goes on by itself.',
      };
    }
    const hold = materialHold(reading);
    if (hold !== undefined) return hold;
    if (reading.state !== 'ready' || root === undefined) continue;
    const { source, leaf } = reading.material;
    if (!anchors(leaf, root, observation.at, purpose)) throw notBelow(source, root.subject);
  }
  return undefined;
};

const made = async (work: StepWork): Promise<Taken> => {
  const { tools, plan, id } = work;
  const names = await make({ ...tools, plan, id }, 'make');
  for (const name of names) tools.tell({ type: 'note', text: `made ${name}` });
  const ended = await untilTrue(work, () => materialIsThere(work));
  return ended ?? 'everything is made, issued and admitted';
};

const published = async (work: StepWork): Promise<Taken> => {
  const { tools, engine, openedBefore } = work;
  // Not every plan has something to make; nothing is filled before every source holds what fits.
  const waits = await untilTrue(work, () => materialIsThere(work));
  if (waits !== undefined) return waits;
  if (filledSecrets(engine.services.settings).every((name) => openedBefore.includes(name)))
    return 'Argo CD mounts these Secrets already: they are filled in the order of the plan below, in step settle';
  const ended = await untilTrue(work, async () => {
    const waited = await publishBeside(engine.services);
    for (const text of engine.told().notes) tools.tell({ type: 'note', text });
    return waited;
  });
  if (ended !== undefined) return ended;
  const until = await mountableFrom(engine.services);
  const since = tools.clock.now();
  if (until > since) {
    const what = 'pods that start to find what was published';
    tools.tell({ type: 'waiting', what, next: 'Nothing: it goes on by itself.', since, until });
    await tools.pause(until - since);
    if (tools.signal.aborted) return { end: 'stopped', what };
  }
  return 'the new Secrets are filled, and every repo-server accepts the new leafs';
};

const moved = async (
  work: StepWork,
  step: MigrationStepId,
  fallback: readonly Component[],
): Promise<Taken> => {
  const { tools, engine, plan } = work;
  const patches = plan.patches.filter((patch) => patch.step === step);
  const components = patches.length === 0 ? fallback : patches.map(({ component }) => component);
  let shown = false;
  const ended = await untilTrue(work, async () => {
    const { view } = await lookAtInstance(engine.services);
    const left = notMoved(view, components);
    const [first] = left;
    if (first === undefined) return undefined;
    if (!shown && patches.length > 0) tools.tell({ type: 'patches', patches });
    shown = true;
    return {
      what: `${step}: ${left.join('; ')}`,
      next:
        patches.length === 0
          ? 'Upgrade Argo CD to 3.5 or later, as its own documentation says.'
          : 'Apply the patches that are shown above, one workload after the other.',
    };
  });
  return ended ?? 'every pod opens the new Secrets';
};

const settled = async ({ tools, engine, patience }: StepWork): Promise<Taken> =>
  (await driveUntilSteady(engine, tools, patience)) ?? 'nothing is left to do';

const disproven = (detail: string): RotatorError =>
  new RotatorError('refused', {
    what: `The proof failed: ${detail}.`,
    effect: 'A repo-server accepts or refuses somebody whom it should not.',
    next: 'Run this again: the engine looks anew and mends what it can. Otherwise take the migration back (migrate undo).',
  });

const proved = async (work: StepWork): Promise<Taken> => {
  const { engine } = work;
  let sentence = '';
  const ended = await untilTrue(work, async () => {
    const { observation, catalog } = await lookAtInstance(engine.services);
    const { record, accepted, refused } = await prove(engine.services, observation, catalog, undefined);
    engine.told();
    if (record.result === 'disproven') throw disproven(record.detail);
    sentence = `proved by calls to ${record.pods} repo-server pods: ${accepted} accepted as they should be, ${refused} refused as they should be`;
    return record.result === 'proven'
      ? undefined
      : {
          what: `a conclusive answer of every repo-server pod: ${record.detail}`,
          next: 'The pods have to be reachable from here. Where a mesh answers for them, let calls through (docs/mesh.md).',
        };
  });
  return ended ?? sentence;
};

const handedOver = async ({ tools, plan, id }: StepWork): Promise<Taken> => {
  await make({ ...tools, plan, id }, 'hand-over');
  tools.tell({ type: 'removable', removable: plan.removable });
  return 'start the agent with the configuration of the plan; what is listed above can go, and is left to you';
};

const CLIENTS = COMPONENTS.filter((component) => component !== 'repo-server');

/** @throws ApiError, RotatorError */
export const takeStep = async (work: StepWork, step: MigrationStepId): Promise<Taken> => {
  switch (step) {
    case 'import-root': {
      work.tools.tell({ type: 'instructions', lines: work.plan.instructions });
      return 'what Vault has to be told is shown above; the next step waits for what comes of it';
    }
    case 'make':
      return await made(work);
    case 'publish':
      return await published(work);
    case 'upgrade':
      return await moved(work, step, COMPONENTS);
    case 'clients':
      return await moved(work, step, CLIENTS);
    case 'repo-server':
      return await moved(work, step, ['repo-server']);
    case 'settle':
      return await settled(work);
    case 'prove':
      return await proved(work);
    case 'hand-over':
      return await handedOver(work);
  }
};
