/**
 * Validated options to the settings that the agent works from.
 *
 * **Invariant:** total and without decisions: every default but the generated names stands in the option list.
 */
import type { InstanceSettings, SourceSpec } from '../model/settings.ts';
import { CLIENT_NAMES, type ClientName, type SourceRole } from '../model/source-role.ts';
import type { VaultConnectionSettings } from '../model/vault-spec.ts';
import type { Connections } from './connections.ts';
import { filesOf } from './file-options.ts';
import { keyReferenceOf, placeOf } from './object-options.ts';
import type { InstanceValues } from './options.ts';
import { policyOf } from './policy-options.ts';
import type { SourceValues } from './source-options.ts';

/** ConfigMap of the journal, where the configuration names none. */
export const journalNameOf = (instance: string): string => `argocd-mtls-rotator-${instance}`;

/** The option list lets exactly one kind through. */
const sourceOf = (
  { certManager, vaultPki, vaultKv, secret, configMap, externalSecret, files }: SourceValues,
  role: SourceRole,
  connections: Connections,
): SourceSpec => {
  const connected = (name: string): VaultConnectionSettings => {
    const connection = connections.get(name);
    if (connection === undefined) throw new Error(`connection ${name} was not looked for`);
    return connection;
  };
  if (certManager !== undefined)
    return {
      type: 'certManager',
      certificate: certManager.certificate,
      labels: certManager.labels,
      secret: certManager.secret,
      ca: certManager.ca === undefined ? undefined : keyReferenceOf(certManager.ca),
      issuerCa: certManager.issuerCa,
      reissue: certManager.reissue,
    };
  if (vaultPki !== undefined)
    return {
      type: 'vaultPki',
      connection: connected(vaultPki.connection),
      mount: vaultPki.mount,
      role: vaultPki.role,
      issuer: vaultPki.issuer,
      commonName: vaultPki.commonName ?? commonNameOf(role),
      altNames: vaultPki.altNames,
      ttl: vaultPki.ttl,
      method: vaultPki.method,
      key: vaultPki.key,
      renewAt: vaultPki.renewAt,
      poll: vaultPki.poll,
    };
  if (vaultKv !== undefined)
    return {
      type: 'vaultKv',
      connection: connected(vaultKv.connection),
      mount: vaultKv.mount,
      path: vaultKv.path,
      fields: vaultKv.fields,
      poll: vaultKv.poll,
    };
  if (secret !== undefined) return { type: 'secret', name: secret.name, ...placeOf(secret) };
  if (configMap !== undefined) return { type: 'configMap', name: configMap.name, ...placeOf(configMap) };
  if (externalSecret !== undefined) {
    const { name, target } = externalSecret;
    return { type: 'externalSecret', name, target, ...placeOf(externalSecret) };
  }
  if (files !== undefined) return filesOf(files);
  throw new Error('a source of no kind passed the option list');
};

/** Common name of a client certificate, where the configuration names none. */
const commonNameOf = (role: SourceRole): string | undefined =>
  role === 'serving' ? undefined : `argocd-${role === 'default' ? 'client' : role}`;

/** Every connection that a source names has to be among `connections`. */
/** Only what is named. */
const named = <K extends string>(
  values: Readonly<Partial<Record<K, string | undefined>>>,
): Readonly<Partial<Record<K, string>>> =>
  Object.fromEntries(Object.entries(values).filter(([, name]) => name !== undefined)) as Partial<
    Record<K, string>
  >;

export const settingsOf = (values: InstanceValues, connections: Connections): InstanceSettings => ({
  name: values.name,
  namespace: values.namespace,
  mode: values.mode,
  labels: values.labels,
  state: values.state,
  verification: values.verification,
  layout: {
    type: values.layout.type,
    previous: values.layout.previous,
    keys: named(values.layout.keys),
    names: named(values.layout.names),
  },
  names: {
    mtlsSecret: values.names.mtlsSecret,
    keys: values.names.keys,
    servingSecret: values.names.servingSecret,
    paramsConfigMap: values.names.paramsConfigMap,
    previousSecret: values.names.previousSecret,
    pendingSecret: values.names.pendingSecret,
    journalConfigMap: values.names.journalConfigMap ?? journalNameOf(values.name),
    ordersConfigMap:
      values.names.ordersConfigMap ?? `${values.names.journalConfigMap ?? journalNameOf(values.name)}-orders`,
    workloads: named(values.names.workloads),
  },
  clients: {
    default: sourceOf(values.clients.default, 'default', connections),
    byComponent: Object.fromEntries(
      Object.entries(CLIENT_NAMES).flatMap(([name, component]) => {
        const source = values.clients[name as ClientName];
        return source === undefined ? [] : [[component, sourceOf(source, name as ClientName, connections)]];
      }),
    ),
  },
  serving: values.serving === undefined ? undefined : sourceOf(values.serving, 'serving', connections),
  adopt: values.adopt,
  evictions: values.evictions,
  distrust: values.distrust,
  timing: {
    propagationWait: values.propagationWait,
    mountMargin: values.mountMargin,
    settle: values.settle,
    rolloutDeadline: values.rolloutDeadline,
    callTimeout: values.callTimeout,
    proofInterval: values.proofInterval,
    previousLeafMaximum: values.previousLeafMaximum,
    retry: values.retry,
    retryMaximum: values.retryMaximum,
  },
  budget: values.budget,
  policy: policyOf(values.policy),
});
