/**
 * Everything that `look` reads of the cluster, once.
 *
 * **Invariant:** reads only. What may not be listed is read by the names that Argo CD's workloads mount, and what may not even be read is told by
 * name: absence is never taken from a refusal.
 */
import { type Discovery, discover } from '../argocd/discover.ts';
import { ApiError } from '../model/errors.ts';
import { type ObjectKind, type ObjectPlace, objectPlaceText } from '../model/migration-findings.ts';
import type { StoredConfigMap } from '../model/stored.ts';
import type { CertManagerCertificate, Cluster, Inventory } from '../ports.ts';
import type { Unreadable } from './findings/access-problems.ts';
import { type ReadObject, readConfigMapObject, readSecretObject } from './findings/collect.ts';
import { foundComponents } from './findings/components.ts';

export interface LookRequest {
  readonly namespace: string;
  /** Further namespaces whose Secrets and ConfigMaps are looked through. */
  readonly searched: readonly string[];
}

export interface Namespaces {
  readonly discovery: Discovery;
  readonly params: Readonly<Record<string, string>>;
  readonly objects: readonly ReadObject[];
  readonly certificates: readonly CertManagerCertificate[];
  readonly certManager: 'present' | 'absent' | 'unknown';
  readonly unreadable: readonly Unreadable[];
  /** Namespaces that were searched and hold nothing: each that exists holds at least the cluster's root. */
  readonly empty: readonly string[];
}

const PARAMS = 'argocd-cmd-params-cm';

/** @throws ApiError but for `forbidden` */
const permitted = async <T>(work: () => Promise<T>): Promise<T | 'forbidden'> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'forbidden') return 'forbidden';
    throw error;
  }
};

const certificatesIn = async (
  cluster: Cluster,
  namespace: string,
): Promise<Pick<Namespaces, 'certificates' | 'certManager'>> => {
  try {
    return { certificates: await cluster.listCertificates(namespace, {}), certManager: 'present' };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.reason === 'not-found') return { certificates: [], certManager: 'absent' };
    if (error.reason === 'forbidden') return { certificates: [], certManager: 'unknown' };
    throw error;
  }
};

const named = async (
  cluster: Cluster,
  { kind, namespace, name }: ObjectPlace,
): Promise<ReadObject | 'forbidden' | undefined> => {
  if (kind === 'Secret') {
    const stored = await permitted(() => cluster.readSecret(namespace, name));
    return stored === undefined || stored === 'forbidden' ? stored : readSecretObject(stored);
  }
  const stored = await permitted(() => cluster.readConfigMap(namespace, name));
  return stored === undefined || stored === 'forbidden' ? stored : readConfigMapObject(stored);
};

class Reading {
  readonly objects: ReadObject[] = [];
  readonly unreadable: Unreadable[] = [];
  readonly #cluster: Cluster;
  readonly #inventory: Inventory;

  constructor(cluster: Cluster, inventory: Inventory) {
    this.#cluster = cluster;
    this.#inventory = inventory;
  }

  /** All of one kind, else those of `mounted`. */
  async all(kind: ObjectKind, namespace: string, mounted: readonly ObjectPlace[]): Promise<void> {
    const found = await permitted(() => this.#list(kind, namespace));
    if (found !== 'forbidden') {
      this.objects.push(...found);
      return;
    }
    this.unreadable.push({ kind, namespace, name: undefined });
    for (const place of mounted) {
      if (place.kind !== kind || place.namespace !== namespace) continue;
      const one = await named(this.#cluster, place);
      if (one === 'forbidden') this.unreadable.push({ kind, namespace, name: place.name });
      else if (one !== undefined) this.objects.push(one);
    }
  }

  async #list(kind: ObjectKind, namespace: string): Promise<readonly ReadObject[]> {
    return kind === 'Secret'
      ? (await this.#inventory.listSecrets(namespace)).map(readSecretObject)
      : (await this.#inventory.listConfigMaps(namespace)).map(readConfigMapObject);
  }
}

/** @throws ApiError where the workloads can't be read, or the API server can't be asked */
export const readNamespaces = async (
  cluster: Cluster,
  inventory: Inventory,
  { namespace, searched }: LookRequest,
): Promise<Namespaces> => {
  const [workloads, pods] = await Promise.all([
    cluster.listWorkloads(namespace),
    cluster.listPods(namespace),
  ]);
  const stored = await permitted(() => cluster.readConfigMap(namespace, PARAMS));
  const params: StoredConfigMap['data'] = stored === 'forbidden' ? {} : (stored?.data ?? {});
  const discovery = discover(workloads, pods, params, { workloads: {} });
  const places = foundComponents(discovery, params).flatMap(({ mounts }) =>
    mounts.map(({ object }) => object),
  );
  const mounted = [...new Map(places.map((place) => [objectPlaceText(place), place])).values()];
  const reading = new Reading(cluster, inventory);
  for (const each of new Set([namespace, ...searched])) {
    await reading.all('Secret', each, mounted);
    await reading.all('ConfigMap', each, mounted);
  }
  const certificates = await certificatesIn(cluster, namespace);
  return {
    discovery,
    params,
    ...certificates,
    objects: reading.objects,
    empty: searched.filter(
      (each) =>
        !reading.objects.some(({ stored }) => stored.namespace === each) &&
        !reading.unreadable.some((refused) => refused.namespace === each),
    ),
    unreadable: [
      ...reading.unreadable,
      ...(stored === 'forbidden' ? [{ kind: 'ConfigMap', namespace, name: PARAMS } as const] : []),
      ...(certificates.certManager === 'unknown'
        ? [{ kind: 'Certificate', namespace, name: undefined } as const]
        : []),
    ],
  };
};
