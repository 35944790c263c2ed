/**
 * Layouts: which Secret keys the material becomes.
 *
 * ```
 *  shared   argocd-repo-server-mtls: client-ca.crt, client.crt, client.key, server-ca.crt
 *  keys     argocd-repo-server-mtls: client-ca.crt, server-client.{crt,key}, controller-client.{crt,key}, …, server-ca.crt
 *  secrets  argocd-repo-server-mtls: client-ca.crt
 *           argocd-repo-server-mtls-server: client.crt, client.key, server-ca.crt; …-controller; …
 * ```
 *
 * Source: argo-cd v3.6.1, docs/operator-manual/mtls (Option A and Option B); the last two names of Option B are ours.
 *
 * **Invariant:** `client-ca.crt` is in one place whatever the layout: repo-server doesn't tell its clients apart.
 */
import type { InstanceSettings, LayoutType } from '../model/settings.ts';
import { type Slot, slotId } from '../model/slot.ts';
import { type ClientName, clientNameOf } from '../model/source-role.ts';
import { CLIENT_COMPONENTS, type ClientComponent } from '../model/terms.ts';

/** What of an instance's settings places depend on. */
export interface LayoutSettings {
  readonly layout: InstanceSettings['layout'];
  readonly names: Pick<InstanceSettings['names'], 'mtlsSecret' | 'keys'>;
}

/** Option A's names (argo-cd v3.6.1, docs/operator-manual/mtls). */
const OWN_KEYS: Readonly<Record<ClientName, string>> = {
  server: 'server-client',
  controller: 'controller-client',
  applicationset: 'appsetcontroller-client',
  notifications: 'notifications-client',
};

/** The place of one client's pair under a layout. */
export const slotUnder = (
  type: LayoutType,
  component: ClientComponent,
  { layout, names }: LayoutSettings,
): Slot => {
  const name = clientNameOf(component);
  switch (type) {
    case 'shared':
      return {
        secret: names.mtlsSecret,
        certificate: names.keys.clientCertificate,
        key: names.keys.clientKey,
      };
    case 'keys': {
      const base = layout.keys[name] ?? OWN_KEYS[name];
      return { secret: names.mtlsSecret, certificate: `${base}.crt`, key: `${base}.key` };
    }
    case 'secrets':
      return {
        secret: layout.names[name] ?? `${names.mtlsSecret}-${name}`,
        certificate: names.keys.clientCertificate,
        key: names.keys.clientKey,
      };
  }
};

/** The place that this client's pair shall have. */
export const desiredSlot = (component: ClientComponent, settings: LayoutSettings): Slot =>
  slotUnder(settings.layout.type, component, settings);

/** The Secret in which this client shall find `server-ca.crt`. */
export const desiredPoolSecret = (component: ClientComponent, settings: LayoutSettings): string =>
  desiredSlot(component, settings).secret;

const unique = (slots: readonly Slot[]): readonly Slot[] => [
  ...new Map(slots.map((slot) => [slotId(slot), slot])).values(),
];

const under = (type: LayoutType, settings: LayoutSettings): readonly Slot[] =>
  unique(CLIENT_COMPONENTS.map((component) => slotUnder(type, component, settings)));

/** Every place that the present layout fills. */
export const desiredSlots = (settings: LayoutSettings): readonly Slot[] =>
  under(settings.layout.type, settings);

/**
 * Every place that pairs may be found in: the layout's own, those of the layout that the configuration names as the one before, and
 * those in the mtls Secret, which is read in any case.
 */
export const knownSlots = (settings: LayoutSettings): readonly Slot[] =>
  unique([
    ...desiredSlots(settings),
    ...(settings.layout.previous === undefined ? [] : under(settings.layout.previous, settings)),
    ...under('shared', settings),
    ...under('keys', settings),
  ]);

/** Every Secret that may hold a pair, the mtls Secret first. */
export const leafSecrets = (settings: LayoutSettings): readonly string[] => [
  ...new Set([settings.names.mtlsSecret, ...knownSlots(settings).map(({ secret }) => secret)]),
];

/** Secrets of one client each, beside the mtls Secret. */
export const componentSecrets = (settings: LayoutSettings): readonly string[] =>
  leafSecrets(settings).filter((name) => name !== settings.names.mtlsSecret);
