/**
 * Validated options to the settings that the agent works from.
 *
 * **Invariant:** total and without decisions: every default but the generated names stands in the option list.
 */
import type { InstanceSettings, SourceSpec } from '../model/settings.ts';
import { CLIENT_NAMES, type ClientName } from '../model/source-role.ts';
import type { InstanceValues } from './options.ts';
import type { SourceValues } from './source-options.ts';

/** ConfigMap of the journal, where the configuration names none. */
export const journalNameOf = (instance: string): string => `argocd-mtls-rotator-${instance}`;

/** The option list lets exactly one kind through. */
const sourceOf = ({ certManager }: SourceValues): SourceSpec => {
  if (certManager !== undefined)
    return {
      type: 'certManager',
      certificate: certManager.certificate,
      issuerCa: certManager.issuerCa,
      reissue: certManager.reissue,
    };
  throw new Error('a source of no kind passed the option list');
};

export const settingsOf = (values: InstanceValues): InstanceSettings => ({
  name: values.name,
  namespace: values.namespace,
  mode: values.mode,
  labels: values.labels,
  state: values.state,
  verification: values.verification,
  layout: values.layout,
  names: {
    mtlsSecret: values.names.mtlsSecret,
    servingSecret: values.names.servingSecret,
    paramsConfigMap: values.names.paramsConfigMap,
    previousSecret: values.names.previousSecret,
    pendingSecret: values.names.pendingSecret,
    journalConfigMap: values.names.journalConfigMap ?? journalNameOf(values.name),
    workloads: Object.fromEntries(
      Object.entries(values.names.workloads).filter(([, name]) => name !== undefined),
    ),
  },
  clients: {
    default: sourceOf(values.clients.default),
    byComponent: Object.fromEntries(
      Object.entries(CLIENT_NAMES).flatMap(([name, component]) => {
        const source = values.clients[name as ClientName];
        return source === undefined ? [] : [[component, sourceOf(source)]];
      }),
    ),
  },
  serving: values.serving === undefined ? undefined : sourceOf(values.serving),
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
});
