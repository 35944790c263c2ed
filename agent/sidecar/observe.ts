/**
 * Looks at everything once: what is written, what the sources hold, what the other pods told.
 *
 * **Invariant:** reads only. What is answered for the decision is fingerprints; certificates and keys stay beside it.
 */

import { hotReloads } from '../argocd/reading.ts';
import type { Fingerprint } from '../model/fingerprint.ts';
import type { Leaf, Material } from '../model/material.ts';
import type { Instant } from '../model/terms.ts';
import { type ApiAnswer, type ApiView, askApi, type LivePod } from './ask-api.ts';
import { acceptedBy, callOthers } from './call-others.ts';
import { meet, type Others, type Peer, type Situation, type Wanted } from './decision/situation.ts';
import { bundlesOf, type Era, leafsOf, learnHistory, readAtStart, readLately } from './history.ts';
import { Known } from './known.ts';
import { readSidecarMaterial, type SidecarMaterial } from './material.ts';
import { type Output, outputsOf, readOutput, type Written } from './output.ts';
import { holdingsIn, vouchedIn } from './record.ts';
import type { SidecarMemory, SidecarServices } from './services.ts';

export interface OutputState {
  readonly output: Output;
  readonly written: Written | undefined;
}

export interface Observed {
  readonly situation: Situation;
  readonly known: Known;
  readonly outputs: readonly OutputState[];
  readonly material: SidecarMaterial;
  readonly api: ApiAnswer;
}

const mapWanted = <T, U>(wanted: Wanted<T> | undefined, change: (value: T) => U): Wanted<U> | undefined =>
  wanted?.state === 'ready' ? { state: 'ready', value: change(wanted.value) } : wanted;

const learn = (
  known: Known,
  outputs: readonly OutputState[],
  material: SidecarMaterial,
  api: ApiAnswer,
): void => {
  for (const { written } of outputs) {
    if (written === undefined) continue;
    learnHistory(written.history, known);
    known.learn(written.trust);
    if (written.leaf !== undefined) known.learnLeaf(written.leaf, []);
  }
  if (api.state === 'known') {
    const leafs = [...api.record.pods.values()].flatMap(({ shows }) => (shows === 'unknown' ? [] : shows));
    learnHistory({ certificates: api.record.certificates, leafs }, known);
  }
  if (material.trust?.state === 'ready') known.learn(material.trust.value);
  if (material.leaf?.state === 'ready') {
    const { leaf, anchors } = material.leaf.value;
    known.learn(anchors);
    known.learnLeaf(
      leaf,
      anchors.map(({ fingerprint }) => fingerprint),
    );
  }
};

/** What is in all directories together; `undefined`: one of them was never written. */
const writtenIn = (outputs: readonly OutputState[]): Situation['written'] => {
  const eras: Era[] = [];
  for (const { written, output } of outputs) {
    if (written === undefined) return undefined;
    const last = written.history.eras.at(-1);
    eras.push({
      since: last?.since ?? 0,
      trust: output.trust === undefined ? [] : written.trust.map(({ fingerprint }) => fingerprint),
      leaf: written.leaf?.certificate.fingerprint,
    });
  }
  return {
    trust: eras.flatMap(({ trust }) => trust),
    leaf: eras.find(({ leaf }) => leaf !== undefined)?.leaf,
    changedAt: Math.max(...eras.map(({ since }) => since)),
  };
};

const loadedBy = (
  { settings }: SidecarServices,
  outputs: readonly OutputState[],
  api: ApiAnswer,
  at: Instant,
): Situation['loaded'] => {
  const reader = api.state === 'known' ? api.reader : 'unknown';
  const erasOf = (part: 'trust' | 'leaf'): readonly Era[] =>
    outputs.flatMap(({ output, written }) =>
      output[part] === undefined || written === undefined ? [] : written.history.eras,
    );
  const hot = hotReloads(
    settings.component,
    settings.component === 'repo-server' ? 'serving' : 'client-leaf',
    'kubelet',
  );
  const leafs = hot
    ? readLately(erasOf('leaf'), settings.timing.settle, at)
    : readAtStart(erasOf('leaf'), reader, at);
  return { trusts: bundlesOf(readAtStart(erasOf('trust'), reader, at)), leafs: leafsOf(leafs) };
};

const peerOf = (live: LivePod, view: ApiView, memory: SidecarMemory, leafs: readonly Fingerprint[]): Peer => {
  const told = view.record.pods.get(live.pod.uid);
  return {
    ...(told === undefined ? { shows: 'unknown', trusts: 'unknown' } : holdingsIn(told)),
    uid: live.pod.uid,
    name: live.pod.name,
    component: live.component,
    readySince: live.pod.ready ? (live.pod.readySince ?? 0) : undefined,
    terminating: live.pod.terminating,
    accepted: acceptedBy(memory, live, leafs),
  };
};

const othersOf = (
  { settings }: SidecarServices,
  api: ApiAnswer,
  memory: SidecarMemory,
  known: Known,
  leafs: readonly Fingerprint[],
): Others => {
  if (api.state !== 'known') return api;
  const own = api.record.pods.get(api.own.uid);
  return {
    state: 'known',
    peers: api.others.map((live) => peerOf(live, api, memory, leafs)),
    told: own === undefined ? undefined : holdingsIn(own),
    vouched: vouchedIn(api.record.pods, settings.component).filter(
      (ca) => known.certificate(ca) !== undefined,
    ),
    turn: api.turn,
    ready: api.own.terminating ? 'leaving' : api.own.ready ? 'ready' : 'not-ready',
  };
};

/** A client that is about to show another leaf calls those repo-servers that tell nothing. */
const askByCalls = async (
  services: SidecarServices,
  view: ApiView,
  memory: SidecarMemory,
  leaf: Leaf,
): Promise<void> => {
  const { settings, api } = services;
  if (api === undefined || settings.component === 'repo-server') return;
  const silent = view.others.filter(
    ({ pod, component }) =>
      meet(settings.component, component) &&
      !pod.terminating &&
      (view.record.pods.get(pod.uid)?.trusts ?? 'unknown') === 'unknown',
  );
  await callOthers(services, api, memory, silent, leaf);
};

/** @throws RotatorError where what is written can't be read */
export const observe = async (services: SidecarServices, memory: SidecarMemory): Promise<Observed> => {
  const { settings, sources, files, clock } = services;
  const outputs = await Promise.all(
    outputsOf(settings).map(async (output) => ({ output, written: await readOutput(output, files) })),
  );
  const material = await readSidecarMaterial(sources, settings.component, settings.dialledNames, clock.now());
  const api = await askApi(services, memory);
  const known = new Known();
  learn(known, outputs, material, api);
  const written = writtenIn(outputs);
  const leaf: Material | undefined = material.leaf?.state === 'ready' ? material.leaf.value : undefined;
  const wanted = leaf?.leaf.certificate.fingerprint;
  if (api.state === 'known' && leaf !== undefined && wanted !== written?.leaf)
    await askByCalls(services, api, memory, leaf.leaf);
  const at = clock.now();
  return {
    known,
    outputs,
    material,
    api,
    situation: {
      at,
      uid: api.state === 'known' ? api.own.uid : '',
      component: settings.component,
      restart: settings.restart,
      settle: settings.timing.settle,
      waitUntil: memory.begunAt + settings.timing.startWait,
      trust: mapWanted(material.trust, (cas) => cas.map(({ fingerprint }) => fingerprint)),
      leaf: mapWanted(material.leaf, (one) => one.leaf.certificate.fingerprint),
      written,
      loaded: loadedBy(services, outputs, api, at),
      others: othersOf(services, api, memory, known, wanted === undefined ? [] : [wanted]),
      relations: known.relations(at),
    },
  };
};
