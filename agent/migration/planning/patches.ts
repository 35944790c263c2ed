/**
 * The patches that move workloads from what they mount to the new Secrets, for the operator to apply.
 *
 * **Invariant:** a workload that shows the new Secret already has none, and no workload has two: each would roll it once more.
 */
import { parse, stringify } from 'yaml';
import { verificationOf } from '../../argocd/template.ts';
import { hasMtls } from '../../argocd/versions.ts';
import {
  type FoundAny,
  foundClients,
  foundRepoServer,
  nameOf,
  type PreflightInput,
} from '../../diagnosis/input.ts';
import { clientNeeds, type Need, type NeedsView, repoServerNeeds, trouble } from '../../diagnosis/needs.ts';
import { projectionPatch } from '../../diagnosis/projection.ts';
import type { WorkloadPatch } from '../../model/migration.ts';
import type { Finding } from '../../model/plan.ts';
import type { Sight } from '../findings/assemble.ts';
import { warning } from './blocked.ts';
import type { Targets } from './targets.ts';

/** Names for volumes that have to be added: those of Argo CD's own manifests. */
const VOLUME = { mtls: 'argocd-repo-server-mtls', serving: 'argocd-repo-server-tls' } as const;

/** Files that come from one Secret and belong to one volume. */
interface Group {
  readonly volume: string;
  readonly needed: readonly Need[];
  readonly given: readonly Need[];
}

interface Moved {
  readonly found: FoundAny;
  readonly groups: readonly Group[];
}

export interface Patches {
  readonly patches: readonly WorkloadPatch[];
  /** What no patch can be written for. */
  readonly problems: readonly Finding[];
}

const clientMoves = (input: Pick<PreflightInput, 'discovery'>, view: NeedsView): readonly Moved[] =>
  foundClients(input).map((client) => {
    const { certificate, key, serverCa } = clientNeeds(client, view);
    const verifies = verificationOf(client.component, client.mounts) === 'ca-path';
    const given = [certificate, key, serverCa];
    return {
      found: client,
      groups: [{ volume: VOLUME.mtls, needed: verifies ? given : [certificate, key], given }],
    };
  });

const repoServerMove = (
  input: Pick<PreflightInput, 'discovery'>,
  view: NeedsView,
  { serving }: Targets,
): readonly Moved[] => {
  const found = foundRepoServer(input);
  if (found === undefined) return [];
  const needs = repoServerNeeds(found, view);
  return [
    {
      found: { component: 'repo-server', ...found },
      groups: [
        { volume: VOLUME.mtls, needed: [needs.clientCa], given: [needs.clientCa] },
        ...(serving.kind !== 'as-it-is'
          ? [{ volume: VOLUME.serving, needed: needs.serving, given: needs.serving }]
          : []),
      ],
    },
  ];
};

interface PatchText {
  readonly spec: { readonly template: { readonly spec: Readonly<Record<string, readonly object[]>> } };
}

/** Two patches of one workload as one: their lists one after the other. */
const together = (texts: readonly string[]): string => {
  const [first, ...more] = texts;
  if (first === undefined || more.length === 0) return first ?? '';
  const all = texts.map((text) => parse(text) as PatchText);
  const lists = new Map<string, object[]>();
  for (const { spec } of all)
    for (const [key, list] of Object.entries(spec.template.spec))
      lists.set(key, [...(lists.get(key) ?? []), ...list]);
  return stringify({ ...all[0], spec: { template: { spec: Object.fromEntries(lists) } } });
};

const isBroken = (need: Need): boolean => trouble(need) !== undefined;

const TRAFFIC = {
  client:
    'It rolls once, by its own strategy. Old and new pods are let in alike: both certificates stand under the root that stays.',
  recreate:
    'It stops and starts once (strategy Recreate): what it does waits for some seconds. Both certificates stand under the root that stays.',
  repoServer:
    'It rolls once. New pods trust the same root as old ones. Without a preStop sleep any restart of repo-server costs a few calls, none of them by TLS (docs/runbook.md, pre-stop).',
} as const;

const trafficOf = ({ component, workload }: FoundAny): string => {
  if (component === 'repo-server') return TRAFFIC.repoServer;
  return workload.strategy.type === 'Recreate' ? TRAFFIC.recreate : TRAFFIC.client;
};

/** Where the plan is written to a directory, patches are in files of these names. */
export const patchFile = (component: string): string => `patches/${component}.yaml`;

const byHand = ({ found, groups }: Moved): Finding =>
  warning('patch-by-hand', nameOf(found.workload.ref), {
    what: `${groups.flatMap(({ needed }) => needed.filter(isBroken).map(trouble)).join('; ')}. How it is mounted there leaves no patch that could be written for it.`,
    effect: 'It goes on as it is, and the migration waits for it before repo-server is moved.',
    next: `Mount ${groups
      .flatMap(({ given }) => given)
      .map(({ secret, key, path }) => `key ${key} of Secret ${secret} as ${path}`)
      .join(', ')}.`,
  });

const move = (moved: Moved): WorkloadPatch | Finding | undefined => {
  const { found, groups } = moved;
  const { component, workload } = found;
  if (hasMtls(found.version) === 'no') return undefined;
  const broken = groups.filter(({ needed }) => needed.some(isBroken));
  if (broken.length === 0) return undefined;
  const texts = broken.map(({ volume, given }) =>
    projectionPatch({ component, workload, needs: given, broken: given.filter(isBroken), volume, env: [] }),
  );
  if (texts.some((text) => text === undefined)) return byHand(moved);
  const { kind, namespace, name } = workload.ref;
  return {
    component,
    workload: workload.ref,
    patch: together(texts.filter((text) => text !== undefined)),
    command: `kubectl -n ${namespace} patch ${kind.toLowerCase()} ${name} --patch-file ${patchFile(component)}`,
    traffic: trafficOf(found),
    step: component === 'repo-server' ? 'repo-server' : 'clients',
  };
};

/** Clients first: they have their certificates before anybody asks for them. */
export const workloadPatches = (sight: Sight, targets: Targets): Patches => {
  const { discovery, params } = sight;
  const view: NeedsView = { settings: targets, stored: { params: { data: params } } };
  const input = { discovery };
  const results = [...clientMoves(input, view), ...repoServerMove(input, view, targets)].flatMap(
    (moved) => move(moved) ?? [],
  );
  return {
    patches: results.filter((result) => 'command' in result),
    problems: results.filter((result) => 'code' in result),
  };
};
