/**
 * Where a plan is to end: what shall be published, given the configuration and what the sources hold.
 *
 * **Invariant:** what no source vouches for stays as it is published; a source that is away changes no goal.
 */
import type { Fingerprint } from '../model/fingerprint.ts';
import type { MaterialReading } from '../model/material.ts';
import type { Observation, ObservedClient } from '../model/observation.ts';
import type { Candidates, Goal } from './actions.ts';
import { type Catalog, isAlive } from './catalog.ts';
import { publishedState } from './infer.ts';
import type { PublishedState } from './world.ts';

const trustedBy = (reading: MaterialReading, at: number): readonly Fingerprint[] | undefined => {
  if (reading.state !== 'ready') return undefined;
  const { anchors, upcomingAnchors } = reading.material;
  const alive = [...anchors, ...upcomingAnchors].filter((certificate) => isAlive(certificate, at));
  return [...new Set(alive.map((certificate) => certificate.fingerprint))];
};

/** A client can be made to verify where its CA path comes from the parameters and the file is mounted; or it does already. */
const canVerify = (client: ObservedClient, params: string): boolean => {
  const { serverCa, serverCaPath } = client.mounts;
  if (serverCaPath.value !== undefined && serverCaPath.value !== '') return true;
  return (
    serverCa.from === 'secret' && serverCaPath.from === 'config-map' && serverCaPath.configMap === params
  );
};

/** What shall be published in the end. */
export const target = (observation: Observation, catalog: Catalog): PublishedState => {
  const now = publishedState(observation);
  const { settings, client, serving, at } = observation;
  const clientTrust = trustedBy(client, at);
  const serverTrust = serving === undefined ? undefined : trustedBy(serving, at);
  const serverSide = {
    serverCa: serverTrust === undefined ? now.serverCa : catalog.bundle(serverTrust),
    serving: serving?.state === 'ready' ? serving.material.leaf.certificate.fingerprint : now.serving,
    verifying:
      settings.verification === 'on' && (serverTrust !== undefined || now.serverCa !== 'absent')
        ? observation.clients
            .filter((candidate) => canVerify(candidate, settings.names.paramsConfigMap))
            .map((candidate) => candidate.component)
            .sort()
        : now.verifying,
  };
  if (settings.state === 'disabled') return { ...serverSide, clientCa: 'off', leaf: 'none' };
  if (client.state !== 'ready' || clientTrust === undefined) {
    return { ...serverSide, clientCa: now.clientCa, leaf: now.leaf };
  }
  return {
    ...serverSide,
    clientCa: catalog.bundle(clientTrust),
    leaf: client.material.leaf.certificate.fingerprint,
  };
};

export const makeGoal = (observation: Observation, catalog: Catalog): Goal => ({
  published: target(observation, catalog),
  distrust: observation.settings.distrust,
});

const isBundle = (id: string): boolean => id !== 'off' && id !== 'absent' && id !== 'unknown';

/** Contents that a trust file may be given on the way from one to the other: each of the two, and both together. */
const between = <A extends string>(
  from: A,
  to: A,
  observation: Observation,
  catalog: Catalog,
): readonly A[] => {
  if (from === to) return [from];
  if (!isBundle(from) || !isBundle(to)) return [from, to];
  const alive = (catalog.members(from) ?? []).filter((member) => {
    const certificate = catalog.certificate(member);
    return certificate !== undefined && isAlive(certificate, observation.at);
  });
  const both = catalog.bundle([...new Set([...alive, ...(catalog.members(to) ?? [])])]);
  return [...new Set([from, to, both as string as A])];
};

export const makeCandidates = (observation: Observation, goal: Goal, catalog: Catalog): Candidates => {
  const now = publishedState(observation);
  return {
    clientCa: between(now.clientCa, goal.published.clientCa, observation, catalog),
    serverCa: between(now.serverCa, goal.published.serverCa, observation, catalog),
    covers: (larger, smaller) => {
      const has = catalog.members(larger);
      return has !== undefined && (catalog.members(smaller) ?? []).every((member) => has.includes(member));
    },
  };
};
