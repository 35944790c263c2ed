/**
 * Calls every repo-server pod and remembers what came of it.
 *
 * **Invariant:** a proof that closes a rotation calls everybody anew; one in between asks only what isn't known yet.
 */
import { dialledHost } from '../argocd/address.ts';
import { mainContainer } from '../argocd/container.ts';
import { proxyOf } from '../argocd/mesh.ts';
import type { PodProof } from '../model/evidence.ts';
import type { ProofRecord, RotationRecord } from '../model/journal-record.ts';
import type { Leaf } from '../model/material.ts';
import type { Observation } from '../model/observation.ts';
import type { Pod } from '../model/workload.ts';
import type { Catalog } from '../plan/catalog.ts';
import { leafsToProve } from '../plan/infer.ts';
import { publishedState } from '../plan/published-state.ts';
import type { DialCredential } from '../ports.ts';
import { grade } from '../verification/evidence.ts';
import { type PodToProve, provePods } from '../verification/prove.ts';
import { type IsRepoServers, proofThroughProxy } from '../verification/proxied.ts';
import { instanceName, type RotationServices } from './services.ts';

const CONCURRENCY = 4;

const credentialOf = (leaf: Leaf): DialCredential => ({
  as: 'leaf',
  leaf: leaf.certificate.fingerprint,
  certificatePem: [leaf.certificate, ...leaf.intermediates].map((each) => each.pem).join(''),
  key: leaf.key,
});

const targetOf = (pod: Pod, port: number): PodToProve => ({
  pod: pod.name,
  podUid: pod.uid,
  containerId: mainContainer(pod, 'repo-server')?.id ?? '',
  ip: pod.ip,
  port,
});

/** Accepts and refuses as it should, by what is published now. */
const verdictOf = (proof: PodProof, observation: Observation, catalog: Catalog) => {
  const { clientCa } = publishedState(observation);
  const trusts = (leaf: Leaf) => catalog.compatibility.trusts(clientCa, leaf.certificate.fingerprint);
  const leafs = leafsToProve(observation);
  const fingerprints = (verdict: string) =>
    leafs.filter((leaf) => trusts(leaf) === verdict).map((leaf) => leaf.certificate.fingerprint);
  return grade(
    {
      trust:
        clientCa === 'off'
          ? { kind: 'off' }
          : { kind: 'bundle', accepts: (leaf) => catalog.compatibility.trusts(clientCa, leaf) === 'yes' },
      mustAccept: fingerprints('yes'),
      mustRefuse: fingerprints('no'),
    },
    // What can't be foretold proves nothing either way.
    proof.calls.filter(
      ({ credential }) =>
        credential.as !== 'leaf' || catalog.compatibility.trusts(clientCa, credential.leaf) !== 'unknown',
    ),
  );
};

/** Every certificate that repo-server was given and may have read at a start: what is published, was, or is about to be. */
const repoServersOwn = ({ published, serving }: Observation): IsRepoServers => {
  const given = new Set<string>([
    ...(published.serving.state === 'present' ? [published.serving.value.certificate.fingerprint] : []),
    ...published.history.serving.map(({ leaf }) => leaf),
    ...(serving?.state === 'ready' ? [serving.material.leaf.certificate.fingerprint] : []),
  ]);
  return (presented) => given.has(presented);
};

export interface ProofTaken {
  readonly record: ProofRecord;
  readonly accepted: number;
  readonly refused: number;
}

/** Dials every pod that could answer. */
export const prove = async (
  services: RotationServices,
  observation: Observation,
  catalog: Catalog,
  rotation: RotationRecord | undefined,
): Promise<ProofTaken> => {
  const { clock, dialer, settings, reporter, proofs } = services;
  const { repoServer } = observation;
  const pods = (repoServer?.pods ?? []).filter((pod) => !pod.terminating);
  const credentials: readonly DialCredential[] = [
    { as: 'nobody' },
    { as: 'stranger' },
    ...leafsToProve(observation).map(credentialOf),
  ];
  const address = observation.clients[0]?.mounts.repoServerAddress ?? 'argocd-repo-server:8081';
  const verdicts: string[] = [];
  let accepted = 0;
  let refused = 0;
  const startedAt = new Map<string, number>();
  const targets = pods.map((pod) => targetOf(pod, repoServer?.mounts.port ?? 8081));
  for (const target of targets) startedAt.set(target.podUid, clock.now());
  const called = await provePods(dialer, clock, targets, credentials, {
    serverName: dialledHost(address),
    timeout: settings.timing.callTimeout,
    concurrency: CONCURRENCY,
  });
  const isRepoServers = repoServersOwn(observation);
  const taken = called.map((proof) => {
    const pod = pods.find(({ uid }) => uid === proof.podUid);
    return proofThroughProxy(proof, pod && proxyOf(pod)?.name, isRepoServers);
  });
  for (const proof of taken) {
    if (proof.containerId !== '') proofs.remember(proof);
    const verdict = verdictOf(proof, observation, catalog);
    verdicts.push(verdict);
    accepted += proof.calls.filter((call) => call.outcome.result === 'accepted').length;
    refused += proof.calls.filter((call) => call.outcome.result === 'refused').length;
    reporter.tell({
      type: 'pod-proved',
      instance: instanceName(settings),
      at: clock.now(),
      rotation,
      pod: proof.pod,
      startedAt: proof.calls[0]?.at ?? startedAt.get(proof.podUid) ?? clock.now(),
      calls: proof.calls,
      verdict,
    });
  }
  const result = verdicts.includes('disproven')
    ? 'disproven'
    : verdicts.length === 0 || verdicts.includes('unknown')
      ? 'unknown'
      : 'proven';
  const worst = taken
    .flatMap((proof) => proof.calls.map((call) => ({ pod: proof.pod, call })))
    .find(({ call }) => call.outcome.result === 'unknown');
  const detail =
    worst !== undefined && worst.call.outcome.result === 'unknown'
      ? `pod ${worst.pod}: ${worst.call.outcome.why}`
      : `${accepted} calls accepted, ${refused} refused`;
  return { record: { at: clock.now(), result, pods: taken.length, detail }, accepted, refused };
};
