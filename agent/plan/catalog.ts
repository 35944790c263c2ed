/**
 * The certificates behind the fingerprints: what {@link Compatibility} is computed from.
 *
 * **Invariant:** a relation that can't be computed for want of a certificate is `unknown`, never `no`.
 */
import type { Certificate } from '../model/certificate.ts';
import type { BundleFingerprint, Fingerprint } from '../model/fingerprint.ts';
import type { Leaf } from '../model/material.ts';
import type { Observation } from '../model/observation.ts';
import type { Instant } from '../model/terms.ts';
import { anchors } from '../pki/anchors.ts';
import { bundleFingerprint } from '../pki/bundle.ts';
import type { Purpose } from '../pki/verify.ts';
import type { Compatibility, Verdict } from './compatibility.ts';

export interface Catalog {
  readonly compatibility: Compatibility;
  /** Members of a bundle; `undefined` for one that was never seen. */
  readonly members: (bundle: string) => readonly Fingerprint[] | undefined;
  readonly certificate: (fingerprint: Fingerprint) => Certificate | undefined;
  readonly leaf: (fingerprint: string) => Leaf | undefined;
  /** The bundle of these members, known from now on. */
  readonly bundle: (members: readonly Fingerprint[]) => BundleFingerprint;
}

/** Where several observations of one certificate meet, the first one is kept: same fingerprint, same content. */
export const makeCatalog = (observation: Observation): Catalog => {
  const certificates = new Map<Fingerprint, Certificate>();
  const leafs = new Map<string, Leaf>();
  const bundles = new Map<string, readonly Fingerprint[]>();
  const { published, clientMaterials, serving, previous, at } = observation;

  const learn = (list: readonly Certificate[]) => {
    for (const certificate of list) certificates.set(certificate.fingerprint, certificate);
  };
  const learnBundle = (list: readonly Certificate[]) => {
    learn(list);
    bundles.set(
      bundleFingerprint(list),
      list.map((certificate) => certificate.fingerprint),
    );
  };
  const learnLeaf = (leaf: Leaf) => leafs.set(leaf.certificate.fingerprint, leaf);

  for (const content of [published.clientCa, ...published.pools.map((pool) => pool.content)]) {
    if (content.state === 'present') learnBundle(content.value);
  }
  for (const content of [...published.leafs.map((place) => place.content), published.serving]) {
    if (content.state === 'present') learnLeaf(content.value);
  }
  for (const reading of [...clientMaterials.map((material) => material.reading), serving]) {
    if (reading?.state !== 'ready') continue;
    learn(reading.material.anchors);
    learn(reading.material.upcomingAnchors);
    learnLeaf(reading.material.leaf);
  }
  if (previous !== undefined) {
    learn(previous.anchors);
    for (const leaf of previous.leafs) learnLeaf(leaf);
  }
  for (const era of [...published.history.clientCa, ...published.pools.flatMap((pool) => pool.history)]) {
    if (era.bundle !== 'absent') bundles.set(era.bundle, era.anchors);
  }

  const judge = (bundle: string, shown: string, purpose: Purpose): Verdict => {
    const members = bundles.get(bundle);
    const leaf = leafs.get(shown);
    if (members === undefined || leaf === undefined) return 'unknown';
    const known = members.map((member) => certificates.get(member));
    if (known.some((certificate) => certificate !== undefined && anchors(leaf, certificate, at, purpose)))
      return 'yes';
    return known.includes(undefined) ? 'unknown' : 'no';
  };
  /** Signatures are dear and the search asks often; a bundle's members never change. */
  const judged = new Map<string, Verdict>();
  const accepts = (bundle: string, shown: string, purpose: Purpose): Verdict => {
    const question = `${purpose} ${bundle} ${shown}`;
    const verdict = judged.get(question) ?? judge(bundle, shown, purpose);
    if (verdict !== 'unknown') judged.set(question, verdict);
    return verdict;
  };

  return {
    compatibility: {
      trusts: (trust, shown) => {
        if (trust === 'off') return 'yes';
        if (trust === 'unknown' || trust === 'unproven' || shown === 'unknown') return 'unknown';
        return shown === 'none' ? 'no' : accepts(trust, shown, 'client');
      },
      verifies: (pool, presented) => {
        if (pool === 'unverified') return 'yes';
        if (pool === 'empty') return 'no';
        if (pool === 'unknown' || presented === 'unknown') return 'unknown';
        return presented === 'self-signed' ? 'no' : accepts(pool, presented, 'serving');
      },
    },
    members: (bundle) => bundles.get(bundle),
    certificate: (fingerprint) => certificates.get(fingerprint),
    leaf: (fingerprint) => leafs.get(fingerprint),
    bundle: (members) => {
      const known = members.flatMap((member) => certificates.get(member) ?? []);
      const id = bundleFingerprint(known);
      bundles.set(id, members);
      return id;
    },
  };
};

/** Whether a CA may still anchor anything at that instant. */
export const isAlive = (certificate: Certificate, at: Instant): boolean => certificate.notAfter > at;
