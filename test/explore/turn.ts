/**
 * One turn of the shipped engine: `Rotation.advance()` through its ports, on a state.
 *
 * A turn looks at one state and may act on a later one: that is how a second agent, or one that was held up, is played.
 *
 * **Invariant:** every turn is taken by a new `Rotation`, which remembers of the turns before only what calls showed.
 */
import { preflight } from '../../agent/diagnosis/preflight.ts';
import { ApiError } from '../../agent/model/errors.ts';
import type { Call } from '../../agent/model/evidence.ts';
import { ANNOTATION } from '../../agent/model/product.ts';
import type { InstanceSettings } from '../../agent/model/settings.ts';
import type { Precondition } from '../../agent/model/stored.ts';
import { CLIENT_COMPONENTS, type Component, type Instant } from '../../agent/model/terms.ts';
import type { Cluster, DialAnswer, DialCredential, MaterialSource } from '../../agent/ports.ts';
import { Rotation } from '../../agent/rotation/advance.ts';
import { createJournalStore } from '../../agent/rotation/journal-store.ts';
import { ProofMemory } from '../../agent/rotation/proof-memory.ts';
import type { RotationServices } from '../../agent/rotation/services.ts';
import { certificate, testSettings } from '../kit/installation/settings.ts';
import {
  AGES,
  AUTHORITIES,
  fingerprintOfLeaf,
  identity,
  leafNamed,
  MATERIALS,
  membersOf,
  named,
} from './identities.ts';
import { annotationsOf, configMapOf, containerIdOf, dataOf, ipOf, secretOf, shownNow } from './objects.ts';
import { answerTo } from './oracle.ts';
import {
  ABSENT,
  type Answered,
  type Data,
  type ModelPod,
  type Seen,
  type StoredData,
  TIMING,
} from './state.ts';

/** A write that the API server took. */
export type Write =
  | { readonly kind: 'apply'; readonly name: string; readonly data: Data; readonly annotations: Data }
  | { readonly kind: 'delete'; readonly name: string }
  | { readonly kind: 'restart'; readonly component: Component; readonly restart: string };

export interface Turn {
  readonly writes: readonly Write[];
  /** What is remembered after it of calls, by pod. */
  readonly proofs: Readonly<Record<number, ModelPod['proof']>>;
  /** For people: the first step, a hold, or what it failed with. */
  readonly did: string;
  /** `again`: it read something a second time, and so saw what is there when it acts. */
  readonly looks: 'once' | 'again';
  /** A failure that no agent should have. */
  readonly broken: string | undefined;
}

export type Configured = 'client' | 'client+serving' | 'verifying' | 'disabled';

export const settingsFor = (configured: Configured): InstanceSettings => {
  const defaults = testSettings();
  return {
    ...defaults,
    state: configured === 'disabled' ? 'disabled' : 'enabled',
    verification: configured === 'verifying' ? 'on' : 'keep',
    serving: configured === 'client' || configured === 'disabled' ? undefined : certificate('repo-serving'),
    timing: { ...defaults.timing, ...TIMING },
    // How often may be restarted is a count over an hour, and no question of order.
    budget: { restarts: 1_000, window: 3_600_000 },
  };
};

const conflict = (verb: string, name: string): ApiError =>
  new ApiError(
    'transient',
    { what: `${verb} ${name}: the object is no longer the one that was read.`, effect: '', next: '' },
    { reason: 'conflict', verb, resource: name, status: 409 },
  );

const holds = (expected: Precondition, stored: StoredData | undefined, name: string): boolean =>
  expected.expect === 'absent'
    ? stored === undefined
    : stored !== undefined &&
      expected.uid === `uid-${name}-${stored.uid}` &&
      expected.resourceVersion === String(stored.version);

const OUTCOMES: Readonly<Record<Answered['outcome'], Call['outcome']>> = {
  accepted: { result: 'accepted' },
  'certificate-required': {
    result: 'refused',
    alert: 'certificate-required',
    detail: 'certificate required',
  },
  'unknown-ca': { result: 'refused', alert: 'unknown-ca', detail: 'unknown ca' },
  'certificate-expired': { result: 'refused', alert: 'certificate-expired', detail: 'expired' },
  unknown: { result: 'unknown', why: 'connection refused' },
};

const credentialName = (credential: Call['credential']): string =>
  credential.as === 'leaf' ? leafNamed(credential.leaf) : credential.as;

const callOf = (name: string, { outcome, presented }: Answered, at: Instant): Call => ({
  credential:
    name === 'nobody' || name === 'stranger' ? { as: name } : { as: 'leaf', leaf: fingerprintOfLeaf(name) },
  outcome: OUTCOMES[outcome],
  presented: presented === '' ? undefined : presentedAs(presented),
  ...(presented === ABSENT ? { selfMade: true as const } : {}),
  at,
  duration: 1,
});

const presentedAs = (name: string) =>
  name === ABSENT ? ('f'.repeat(64) as ReturnType<typeof fingerprintOfLeaf>) : fingerprintOfLeaf(name);

const answered = ({ credential, outcome, presented }: Call): [string, Answered] => {
  const kind =
    outcome.result === 'refused'
      ? (outcome.alert as Answered['outcome'])
      : outcome.result === 'accepted'
        ? 'accepted'
        : 'unknown';
  const shown = presented === undefined ? '' : presented === 'f'.repeat(64) ? ABSENT : leafNamed(presented);
  return [credentialName(credential), { outcome: kind, presented: shown }];
};

const sourceOf = (name: string): MaterialSource => ({
  describe: `source ${name}`,
  read: async () => {
    const held = MATERIALS[name];
    if (held === undefined)
      return { state: 'unreachable', source: name, why: 'it is away', next: 'wait' } as const;
    return {
      state: 'ready',
      changedAt: undefined,
      raw: {
        source: name,
        version: name,
        certificatePem: identity(held.leaf).pem,
        key: identity(held.key).leaf.key,
        anchorsPem: membersOf(held.anchors)
          .map((member) => AUTHORITIES[member]?.pem ?? '')
          .join(''),
      },
    } as const;
  },
  issue: undefined,
});

/** The lowest number of a rotation that nothing of this state mentions. */
const freshNumber = (seen: Seen): number => {
  const text = JSON.stringify([seen.objects, seen.workloads, seen.pods]);
  const used = new Set([...text.matchAll(/r0{0,9}(\d+)/g)].map(([, digits]) => Number(digits)));
  let number = 1;
  while (used.has(number)) number += 1;
  return number;
};

/**
 * Takes one turn.
 *
 * @param look what the agent saw.
 * @param present what is there when it acts; the same where nothing happened in between.
 */
export const takeTurn = async (look: Seen, present: Seen, configured: Configured): Promise<Turn> => {
  const now = AGES[present.age] ?? 0;
  const lookedAt = (AGES[look.age] ?? 0) + look.since;
  // Ages count from now, whenever it was looked.
  const objects: Record<string, StoredData | undefined> = { ...present.objects };
  const versions = new Map<Component, number>(
    present.workloads.map((workload) => [workload.component, workload.version]),
  );
  const writes: Write[] = [];
  const read = new Set<string>();
  let looks: Turn['looks'] = 'once';
  const settings = settingsFor(configured);
  const stored = (name: string): StoredData | undefined => {
    const first = !read.has(name);
    if (!first && look !== present) looks = 'again';
    read.add(name);
    return first ? look.objects[name] : objects[name];
  };
  const apply = (
    name: string,
    data: Parameters<typeof dataOf>[1],
    annotations: Data,
    expected: Precondition,
  ): StoredData => {
    const before = objects[name];
    if (!holds(expected, before, name)) throw conflict('apply', name);
    const model = { data: dataOf(name, data, now), annotations: annotationsOf(annotations, now) };
    const after: StoredData = {
      ...model,
      version: (before?.version ?? 0) + 1,
      uid: before?.uid ?? 1,
      createdAt: before?.createdAt ?? 0,
      writtenAt: 0,
    };
    objects[name] = after;
    writes.push({ kind: 'apply', name: named(name), ...model });
    return after;
  };
  const shown = shownNow(look, now);
  let listed = 0;
  const refuse = async (): Promise<never> => {
    throw new Error('the model has no such object');
  };
  const cluster: Cluster = {
    readSecret: async (_, name) => {
      const found = stored(name);
      return found === undefined ? undefined : secretOf(name, found, now);
    },
    readConfigMap: async (_, name) => {
      const found = stored(name);
      return found === undefined ? undefined : configMapOf(name, found, now);
    },
    listWorkloads: async () => {
      listed += 1;
      if (listed === 1) return shown.workloads;
      if (look !== present) looks = 'again';
      return shownNow(present, now).workloads;
    },
    listPods: async () => shown.pods,
    applySecret: async (intent, expected) =>
      secretOf(intent.name, apply(intent.name, intent.data, intent.annotations, expected), now),
    applyConfigMap: async (intent, expected) =>
      configMapOf(intent.name, apply(intent.name, intent.data, intent.annotations, expected), now),
    deleteSecret: async (_, name, expected) => {
      if (objects[name] === undefined) return;
      if (!holds(expected, objects[name], name)) throw conflict('delete', name);
      objects[name] = undefined;
      writes.push({ kind: 'delete', name });
    },
    annotateTemplate: async (ref, annotations, expected) => {
      const component = ref.name.replace('argocd-', '') as Component;
      const version = versions.get(component) ?? 0;
      if (expected.expect !== 'version' || expected.resourceVersion !== String(version))
        throw conflict('patch', ref.name);
      versions.set(component, version + 1);
      writes.push({ kind: 'restart', component, restart: named(annotations[ANNOTATION.restart] ?? '') });
    },
    readCertificate: refuse,
    listCertificates: refuse,
    readExternalSecret: refuse,
    evict: refuse,
    requestIssuance: refuse,
    emitEvent: async () => undefined,
    watch: () => ({ stop: () => undefined }),
  };
  let asked = 0;
  const clock = {
    // The first question is that of the look.
    now: () => {
      asked += 1;
      return asked === 1 ? lookedAt : now;
    },
    after: () => () => undefined,
  };
  const proofs = new ProofMemory();
  for (const pod of look.pods) {
    const calls = Object.entries(pod.proof).map(([name, one]) => callOf(name, one, now));
    if (calls.length > 0)
      proofs.remember({ pod: '', podUid: `pod-${pod.id}`, containerId: containerIdOf(pod), calls });
  }
  const call = async (
    { host }: { readonly host: string },
    credential: DialCredential,
  ): Promise<DialAnswer> => {
    const server = present.pods.find((pod) => ipOf(pod) === host);
    if (server === undefined || server.startedAt === undefined || !server.ready)
      return { outcome: OUTCOMES.unknown, presented: undefined, duration: 1 };
    const trust = server.loaded['client-ca.crt'] ?? ABSENT;
    const presented = server.loaded['tls.crt'] ?? ABSENT;
    const outcome =
      credential.as === 'stranger'
        ? trust === ABSENT
          ? 'accepted'
          : 'unknown-ca'
        : answerTo(trust, credential.as === 'nobody' ? 'none' : leafNamed(credential.leaf), now);
    return {
      outcome: OUTCOMES[outcome],
      presented: presentedAs(presented),
      ...(presented === ABSENT ? { selfMade: true as const } : {}),
      duration: 1,
    };
  };
  let did = '';
  const number = String(freshNumber(present));
  const services: RotationServices = {
    settings,
    cluster,
    clock,
    random: { hex: (bytes) => number.padStart(bytes * 2, '0') },
    dialer: { call },
    reporter: {
      tell: (happening) => {
        if (happening.type === 'observed') {
          const [first] = happening.plan.steps;
          did = first === undefined ? 'rest' : stepWord(first);
        }
        if (happening.type === 'held') did = `held: ${happening.hold.code}`;
      },
      flush: async () => undefined,
    },
    journal: createJournalStore(cluster, settings, () => undefined),
    sources: [
      {
        role: 'default',
        spec: settings.clients.default,
        purpose: 'client',
        components: CLIENT_COMPONENTS,
        source: sourceOf(look.source.client),
      },
      ...(settings.serving === undefined
        ? []
        : ([
            {
              role: 'serving',
              spec: settings.serving,
              purpose: 'serving',
              components: [],
              source: sourceOf(look.source.serving),
            },
          ] as const)),
    ],
    proofs,
    inspect: preflight,
  };
  let broken: string | undefined;
  try {
    await new Rotation(services).advance();
  } catch (error) {
    did += `, failed: ${error instanceof Error ? error.message : String(error)}`;
    if (!(error instanceof ApiError && error.reason === 'conflict')) broken = did;
  }
  const after = proofs.of(look.pods.filter((pod) => pod.startedAt !== undefined).map(containerIdOf));
  return {
    writes,
    proofs: Object.fromEntries(
      after.map((proof) => [
        Number(/-(\d+)$/.exec(proof.podUid)?.[1]),
        Object.fromEntries(proof.calls.map(answered).sort(([a], [b]) => (a < b ? -1 : 1))),
      ]),
    ),
    did,
    looks,
    broken,
  };
};

type Planned = Extract<
  Parameters<RotationServices['reporter']['tell']>[0],
  { type: 'observed' }
>['plan']['steps'][number];

const stepWord = (step: Planned): string => {
  if (step.kind === 'rollout') return `rollout ${step.component} ${step.progress}`;
  if (step.kind !== 'publish') return step.kind;
  return `publish ${step.changes
    .map((change) => `${change.role}=${named('to' in change ? change.to : '')}`)
    .join(' ')}`;
};
