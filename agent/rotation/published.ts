/**
 * What is published, from the Secrets as they are stored: every place that a client may read, each with what is remembered of it.
 *
 * **Invariant:** a place that is neither the layout's nor read by anybody is looked at only where the agent itself filled it.
 */
import { caPathOf } from '../argocd/template.ts';
import { readBundle, readLeaf, SERVING_KEY } from '../layout/files.ts';
import { readHistory } from '../layout/history.ts';
import { desiredPoolSecret, desiredSlots, knownSlots, leafSecrets } from '../layout/places.ts';
import type { ClientMounts } from '../model/mounts.ts';
import type {
  Keeper,
  Observation,
  ObservedClient,
  PublishedFiles,
  PublishedLeaf,
  PublishedPool,
} from '../model/observation.ts';
import { ANNOTATION, FIELD_MANAGER } from '../model/product.ts';
import type { InstanceSettings } from '../model/settings.ts';
import { type Slot, slotId } from '../model/slot.ts';
import type { StoredObject, StoredSecret } from '../model/stored.ts';
import { CLIENT_COMPONENTS, type Instant } from '../model/terms.ts';

type Stored = Omit<Observation['stored'], 'previous'>;

/** What of a client matters here. */
type MountedClient = Pick<ObservedClient, 'component' | 'mounts'> & {
  readonly podMounts: readonly { readonly mounts: ClientMounts }[];
};

/** One of the Secrets in which clients find their files. */
export const leafSecret = (
  stored: Pick<Stored, 'mtls' | 'clients'>,
  settings: Pick<InstanceSettings, 'names'>,
  name: string,
): StoredSecret | undefined => (name === settings.names.mtlsSecret ? stored.mtls : stored.clients.get(name));

/** The last time that anybody's data in this object changed, as the API server recorded it. */
const writtenAt = (stored: StoredObject | undefined): Instant | undefined => {
  const times = (stored?.owners ?? [])
    .filter((owner) => owner.dataKeys.length > 0)
    .flatMap((owner) => owner.time ?? []);
  return times.length === 0 ? stored?.createdAt : Math.max(...times);
};

const isOurs = (stored: StoredObject | undefined, key: string): boolean =>
  stored?.owners.some(({ manager, dataKeys }) => manager === FIELD_MANAGER && dataKeys.includes(key)) ===
  true;

const mountsOf = (clients: readonly MountedClient[]): readonly ClientMounts[] =>
  clients.flatMap((client) => [client.mounts, ...client.podMounts.map(({ mounts }) => mounts)]);

/**
 * A place outside of the layout that somebody still reads is filled on as long as it may be: where it is the agent's, or hand-made and
 * the configuration adopts what exists.
 */
const keeperOf = (
  desired: 'desired' | 'beside',
  ours: boolean,
  read: boolean,
  { adopt }: InstanceSettings,
): Keeper | undefined => {
  if (desired === 'desired') return 'layout';
  if (ours || (read && adopt === 'existing')) return 'leaving';
  return read ? 'other' : undefined;
};

const publishedLeafs = (
  stored: Stored,
  settings: InstanceSettings,
  clients: readonly MountedClient[],
): readonly PublishedLeaf[] => {
  const desired = new Set(desiredSlots(settings).map(slotId));
  const mounts = mountsOf(clients);
  const isRead = ({ secret, certificate }: Slot) =>
    mounts.some(
      (each) =>
        each.certificate.from === 'secret' &&
        each.certificate.secret === secret &&
        each.certificate.key === certificate,
    );
  return knownSlots(settings).flatMap((slot): readonly PublishedLeaf[] => {
    const secret = leafSecret(stored, settings, slot.secret);
    const keeper = keeperOf(
      desired.has(slotId(slot)) ? 'desired' : 'beside',
      isOurs(secret, slot.certificate),
      isRead(slot),
      settings,
    );
    if (keeper === undefined) return [];
    return [
      {
        slot,
        keeper,
        content: readLeaf(secret, slot),
        history: readHistory(secret?.annotations[ANNOTATION.history]).leafs[slot.certificate] ?? [],
        secretCreatedAt: secret?.createdAt,
        writtenAt: writtenAt(secret),
      },
    ];
  });
};

const publishedPools = (
  stored: Stored,
  settings: InstanceSettings,
  clients: readonly MountedClient[],
): readonly PublishedPool[] => {
  const key = settings.names.keys.serverCa;
  const desired = new Set(CLIENT_COMPONENTS.map((component) => desiredPoolSecret(component, settings)));
  const mounts = mountsOf(clients);
  return leafSecrets(settings).flatMap((name): readonly PublishedPool[] => {
    const secret = leafSecret(stored, settings, name);
    const isRead = mounts.some(
      ({ serverCa }) => serverCa.from === 'secret' && serverCa.secret === name && serverCa.key === key,
    );
    const keeper = keeperOf(desired.has(name) ? 'desired' : 'beside', isOurs(secret, key), isRead, settings);
    if (keeper === undefined) return [];
    return [
      {
        secret: name,
        keeper,
        content: readBundle(secret, key),
        history: readHistory(secret?.annotations[ANNOTATION.history]).serverCa,
      },
    ];
  });
};

export const publishedFiles = (
  stored: Stored,
  settings: InstanceSettings,
  clients: readonly MountedClient[],
): PublishedFiles => ({
  clientCa: readBundle(stored.mtls, settings.names.keys.clientCa),
  leafs: publishedLeafs(stored, settings, clients),
  pools: publishedPools(stored, settings, clients),
  serving: readLeaf(stored.serving, SERVING_KEY),
  verifying: clients
    .filter((client) => caPathOf(client.component, client.mounts) !== '')
    .map((client) => client.component),
  history: {
    clientCa: readHistory(stored.mtls?.annotations[ANNOTATION.history]).clientCa,
    serving: readHistory(stored.serving?.annotations[ANNOTATION.history]).serving,
    caPath: readHistory(stored.params?.annotations[ANNOTATION.history]).caPath,
  },
  mtlsWrittenAt: writtenAt(stored.mtls),
  servingWrittenAt: writtenAt(stored.serving),
});
