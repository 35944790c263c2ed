/**
 * Settings of an instance as tests use them: everything at its default, short enough to be read in a plan.
 *
 * **Invariant:** the waits are in proportion to the kubelet that `mounts.ts` plays: what is presumed here is true there.
 */
import { FILE_KEYS } from '../../../agent/layout/files.ts';
import { NO_POLICY } from '../../../agent/model/policy.ts';
import type { CertManagerSpec, InstanceSettings } from '../../../agent/model/settings.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export const certificate = (name: string, over: Partial<CertManagerSpec> = {}): CertManagerSpec => ({
  type: 'certManager',
  certificate: name,
  issuerCa: undefined,
  reissue: 'never',
  ...over,
});

export const testSettings = (over: Partial<InstanceSettings> = {}): InstanceSettings => ({
  name: 'test',
  namespace: 'argocd',
  mode: 'manage',
  labels: { team: 'platform' },
  state: 'enabled',
  verification: 'keep',
  layout: { type: 'shared', previous: undefined, keys: {}, names: {} },
  names: {
    mtlsSecret: 'argocd-repo-server-mtls',
    keys: FILE_KEYS,
    servingSecret: 'argocd-repo-server-tls',
    paramsConfigMap: 'argocd-cmd-params-cm',
    previousSecret: 'argocd-mtls-rotator-previous',
    pendingSecret: 'argocd-mtls-rotator-pending',
    journalConfigMap: 'argocd-mtls-rotator-test',
    ordersConfigMap: 'argocd-mtls-rotator-test-orders',
    workloads: {},
  },
  clients: { default: certificate('repo-client'), byComponent: {} },
  serving: undefined,
  adopt: 'never',
  evictions: 'never',
  distrust: 'immediately',
  timing: {
    propagationWait: 90 * SECOND,
    mountMargin: 5 * SECOND,
    settle: 5 * SECOND,
    rolloutDeadline: 10 * MINUTE,
    callTimeout: 5 * SECOND,
    proofInterval: 60 * MINUTE,
    previousLeafMaximum: 24 * HOUR,
    retry: 10 * SECOND,
    retryMaximum: 5 * MINUTE,
  },
  budget: { restarts: 6, window: HOUR },
  policy: NO_POLICY,
  ...over,
});
