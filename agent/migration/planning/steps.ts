/**
 * The steps of a migration in words: what each does, what it does to traffic, how it is taken back, what it waits for.
 *
 * **Invariant:** every step before `hand-over` can be taken back, since nothing that was there before is changed.
 */
import type { MadeObject, MigrationStep, MigrationStepId, WorkloadPatch } from '../../model/migration.ts';
import {
  type FoundCertificate,
  type MigrationFindings,
  objectPlaceText,
} from '../../model/migration-findings.ts';
import { openedObjects } from '../findings/components.ts';
import { clientCas } from '../findings/in-use.ts';
import type { Targets } from './targets.ts';
import type { Way } from './way.ts';

export interface StepParts {
  readonly findings: MigrationFindings;
  readonly root: FoundCertificate;
  readonly way: Way;
  readonly targets: Targets;
  readonly objects: readonly MadeObject[];
  readonly patches: readonly WorkloadPatch[];
  readonly version: 'old' | 'present';
}

type Words = Omit<MigrationStep, 'id'>;

const secrets = ({ targets }: StepParts): readonly string[] => [
  targets.names.mtlsSecret,
  ...(targets.serving.kind !== 'as-it-is' ? [targets.names.servingSecret] : []),
];

const importRoot = ({ root, way }: StepParts): Words => ({
  by: 'operator',
  title: way.kept === 'vault' && way.ca === undefined ? 'Prepare Vault' : 'Import the root into Vault',
  does: `Vault's PKI engine gets ${way.kept === 'vault' && way.ca === undefined ? 'the roles that issue' : 'the CA with its key, and the roles that issue'} under ${root.subject}, and lets the agent in (see the instructions).`,
  traffic: 'None: nothing of Argo CD knows of it.',
  undo: 'Take issuer, roles and policy away in Vault.',
  waitsFor: 'Nothing.',
});

const make = ({ objects }: StepParts): Words => ({
  by: 'migrate',
  title: 'Make the issuer and the new certificates',
  does: `Makes ${objects.map(({ kind, name }) => `${kind} ${name}`).join(', ')}, and waits until what they issue is there and passes every check.`,
  traffic: 'None: nothing of Argo CD reads these objects.',
  undo: 'They are deleted, each by its uid.',
  waitsFor: 'Nothing.',
});

const opens = ({ findings }: StepParts, name: string): boolean =>
  openedObjects(findings.components).has(
    objectPlaceText({ kind: 'Secret', namespace: findings.namespace, name }),
  );

const filling = (parts: StepParts): string => {
  const { version, targets } = parts;
  if (version === 'old')
    return `Fills Secret ${targets.names.mtlsSecret} with the client certificate; what repo-server trusts and serves with comes after the upgrade.`;
  const names = secrets(parts);
  const beside = names.filter((name) => !opens(parts, name));
  const later = names.filter((name) => opens(parts, name));
  return [
    ...(beside.length === 0 ? [] : [`Fills ${beside.join(' and ')} beside what is mounted.`]),
    ...(later.length === 0
      ? []
      : [`What workloads mount already (${later.join(', ')}) is filled in step settle, in its order.`]),
  ].join(' ');
};

const filled = ({ version, patches }: StepParts): string => {
  if (version === 'old') return 'None: Argo CD before 3.5 mounts it nowhere.';
  return patches.length > 0 ? 'None: no workload mounts it yet.' : 'None: nothing is written in this step.';
};

const publish = (parts: StepParts): Words => ({
  by: 'migrate',
  title: parts.version === 'old' ? 'Prepare the Secret' : 'Fill the new Secrets',
  does: filling(parts),
  traffic: filled(parts),
  undo: 'The new Secrets are emptied in the safe order and deleted.',
  waitsFor: 'Each certificate is there, under the root that stays, with its key, usages and names.',
});

const upgrade = ({ targets }: StepParts): Words => ({
  by: 'operator',
  title: 'Upgrade Argo CD to 3.5 or later',
  does: `Its manifests mount Secret ${targets.names.mtlsSecret}; new clients have their certificate from their first call on.`,
  traffic:
    'What an upgrade costs. repo-server finds no client-ca.crt and asks for no certificate, so old and new pods go together in any order.',
  undo: 'Go back to the version before; the Secret does it no harm.',
  waitsFor: 'Secret filled (step publish).',
});

const listed = (patches: readonly WorkloadPatch[]): string =>
  patches.map(({ workload }) => `${workload.kind} ${workload.name}`).join(', ');

const clientTraffic = (own: readonly WorkloadPatch[], findings: MigrationFindings): string => {
  const letIn =
    clientCas(findings).length > 0
      ? 'Old and new pods are let in alike, in any order: both certificates stand under the root that stays.'
      : 'repo-server asks for no certificate yet.';
  return `Each rolls once, by its own strategy${own.some(({ component }) => component === 'notifications-controller') ? ' (by default notifications-controller stops before it starts again)' : ''}. ${letIn}`;
};

const moving = (id: 'clients' | 'repo-server', { patches, findings }: StepParts): Words => {
  const own = patches.filter(({ step }) => step === id);
  return {
    by: 'operator',
    title: id === 'clients' ? 'Move the clients to the new Secret' : 'Move repo-server to the new Secret',
    does: `Apply ${own.length === 1 ? 'the patch' : 'the patches'} of ${listed(own)} (or make the same change in Git, where they come from).`,
    traffic:
      id === 'clients'
        ? clientTraffic(own, findings)
        : [...new Set(own.map(({ traffic }) => traffic))].join(' '),
    undo: 'Apply the workloads as they were: the old Secrets are untouched.',
    waitsFor:
      id === 'clients'
        ? 'The new Secret is filled (step publish).'
        : 'Every client pod runs with the new Secret (step clients).',
  };
};

const settle = ({ findings }: StepParts): Words => ({
  by: 'migrate',
  title: 'Restart what has to load something new, in order',
  does: "Carries out the agent's own plan, one step after the other, until nothing is left to do.",
  traffic: `Restarts one workload at a time, and only those that read a changed file at start (repo-server${
    clientCas(findings).length > 0 ? ' only where it has to' : ', which requires certificates from then on'
  }). No call fails by TLS; without a preStop sleep a restart of repo-server costs a few connections.`,
  undo: 'What repo-server requires is taken away first, then the leafs, in the safe order.',
  waitsFor: 'Every workload opens the new Secrets.',
});

const prove = (): Words => ({
  by: 'migrate',
  title: 'Prove it',
  does: "Calls every repo-server pod with each new certificate, with none, and with a stranger's.",
  traffic: 'A few short calls to each repo-server pod.',
  undo: 'Nothing to take back.',
  waitsFor:
    'Nothing is left to do (step settle). A strict mesh proxy has to let these calls through (docs/mesh.md).',
});

const handOver = (): Words => ({
  by: 'operator',
  title: 'Hand over to the agent',
  does: 'Install the agent with the configuration of this plan, and take away what is listed as removable, when you like.',
  traffic:
    'None: the agent finds everything as it should be. Taking away an old mount rolls its workload once.',
  undo: 'From here on it is the agent that takes mTLS away, in its safe order: state: disabled.',
  waitsFor: 'The proof (step prove).',
});

const needed = (parts: StepParts): readonly MigrationStepId[] => {
  const { way, objects, patches, version } = parts;
  const has = (step: string): boolean => patches.some((patch) => patch.step === step);
  return [
    ...(way.kept === 'vault' ? (['import-root'] as const) : []),
    ...(objects.length > 0 ? (['make'] as const) : []),
    'publish',
    ...(version === 'old' ? (['upgrade'] as const) : []),
    ...(has('clients') ? (['clients'] as const) : []),
    ...(has('repo-server') ? (['repo-server'] as const) : []),
    'settle',
    'prove',
    'hand-over',
  ];
};

const WORDS: Readonly<Record<MigrationStepId, (parts: StepParts) => Words>> = {
  'import-root': importRoot,
  make,
  publish,
  upgrade,
  clients: (parts) => moving('clients', parts),
  'repo-server': (parts) => moving('repo-server', parts),
  settle,
  prove,
  'hand-over': handOver,
};

export const migrationSteps = (parts: StepParts): readonly MigrationStep[] =>
  needed(parts).map((id) => ({ id, ...WORDS[id](parts) }));
