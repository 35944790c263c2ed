/**
 * Plans in the smallest form that `migrate run` takes, for what is not about planning.
 */
import type {
  MadeObject,
  MigrationPlan,
  MigrationStep,
  MigrationStepId,
} from '../../../agent/model/migration.ts';
import type { KeyPlace } from '../../../agent/model/migration-findings.ts';
import { CLIENT_COMPONENTS, type Component } from '../../../agent/model/terms.ts';
import type { Volume, Workload } from '../../../agent/model/workload.ts';
import { withTemplate } from '../argocd/variants.ts';
import type { KnownStart } from './starts.ts';

const NAMESPACE = 'argocd';
const VOLUMES = { mtls: 'argocd-repo-server-mtls', serving: 'argocd-repo-server-tls' } as const;

/** The new Secrets of a plan that moves workloads. */
export const NEW = { mtls: 'repo-mtls-new', serving: 'repo-tls-new' } as const;
export const MADE = ['kept-root', 'new-client', 'new-serving'] as const;

const step = (id: MigrationStepId): MigrationStep => ({
  id,
  by: id === 'clients' || id === 'repo-server' || id === 'upgrade' ? 'operator' : 'migrate',
  title: id,
  does: `does ${id}`,
  traffic: 'none',
  undo: 'migrate undo',
  waitsFor: 'the step before',
});

const made = (kind: string, name: string, spec: MadeObject['manifest']): MadeObject => {
  const apiVersion = kind === 'Secret' ? 'v1' : 'cert-manager.io/v1';
  return {
    apiVersion,
    kind,
    namespace: NAMESPACE,
    name,
    manifest: { apiVersion, kind, metadata: { namespace: NAMESPACE, name }, ...spec },
    copies: [],
    why: 'the plan needs it',
    step: 'make',
  };
};

const certificate = (name: string, usage: string, dnsNames: readonly string[]): MadeObject =>
  made('Certificate', name, {
    spec: {
      secretName: name,
      issuerRef: { name: 'kept-root', kind: 'Issuer', group: 'cert-manager.io' },
      usages: [usage],
      dnsNames,
    },
  });

/** cert-manager's CA Issuer from the root that is there; the workloads are moved to new Secrets unless they mount none. */
export const issuerPlan = (
  { root }: KnownStart,
  from: Pick<KeyPlace, 'namespace' | 'name'>,
  keys: { readonly certificate: string; readonly key: string },
  moves: 'moves' | 'in-place',
): MigrationPlan => {
  const place = (key: string): KeyPlace => ({ kind: 'Secret', ...from, key });
  const { fingerprint, keyFingerprint, subject, notAfter } = root.certificate;
  const names = moves === 'moves' ? NEW : { mtls: VOLUMES.mtls, serving: VOLUMES.serving };
  const steps: readonly MigrationStepId[] =
    moves === 'moves'
      ? ['make', 'publish', 'clients', 'repo-server', 'settle', 'prove', 'hand-over']
      : ['make', 'publish', 'settle', 'prove', 'hand-over'];
  const patched: readonly Component[] = moves === 'moves' ? [...CLIENT_COMPONENTS, 'repo-server'] : [];
  return {
    version: 1,
    at: '2026-06-01T00:00:00Z',
    instance: {
      name: 'test',
      namespace: NAMESPACE,
      mtlsSecret: names.mtls,
      servingSecret: names.serving,
    },
    root: {
      kept: 'issuer',
      fingerprint,
      subject,
      notAfter: new Date(notAfter).toISOString(),
      from: place(keys.certificate),
      issuing: fingerprint,
      keyFrom: place(keys.key),
    },
    config: {
      apiVersion: 'mtls-rotator/v1alpha1',
      kind: 'RotatorConfig',
      instances: [
        {
          name: 'test',
          namespace: NAMESPACE,
          mode: 'manage',
          names: { mtlsSecret: names.mtls, servingSecret: names.serving },
          clients: { default: { certManager: { certificate: 'new-client' } } },
          serving: { certManager: { certificate: 'new-serving' } },
        },
      ],
    },
    objects: [
      {
        ...made('Secret', 'kept-root', { type: 'kubernetes.io/tls' }),
        copies: [
          { to: 'tls.crt', from: place(keys.certificate), part: { kind: 'certificate', fingerprint } },
          { to: 'tls.key', from: place(keys.key), part: { kind: 'private-key', keyFingerprint } },
        ],
      },
      made('Issuer', 'kept-root', { spec: { ca: { secretName: 'kept-root' } } }),
      certificate('new-client', 'client auth', []),
      certificate('new-serving', 'server auth', ['argocd-repo-server']),
    ],
    patches: patched.map((component) => ({
      component,
      workload: {
        kind: component === 'application-controller' ? 'StatefulSet' : 'Deployment',
        namespace: NAMESPACE,
        name: `argocd-${component}`,
      },
      patch: `# moves ${component} to the new Secrets`,
      command: 'kubectl patch',
      traffic: 'none',
      step: component === 'repo-server' ? 'repo-server' : 'clients',
    })),
    instructions: [],
    steps: steps.map(step),
    removable: [
      {
        what: 'Secret argocd/argocd-repo-server-mtls',
        why: 'nobody mounts it',
        command: undefined,
        object: undefined,
      },
    ],
    problems: [],
  };
};

const sourceOf = (volume: Volume): Volume['source'] => {
  const paths = (...names: readonly string[]) => names.map((name) => ({ key: name, path: name }));
  if (volume.name === VOLUMES.serving)
    return {
      type: 'secret',
      name: NEW.serving,
      items: paths('tls.crt', 'tls.key', 'ca.crt'),
      optional: true,
    };
  return {
    type: 'secret',
    name: NEW.mtls,
    items: paths('client-ca.crt', 'client.crt', 'client.key', 'server-ca.crt'),
    optional: true,
  };
};

/** What a workload is once its patch is applied. */
export const movedTo = (workload: Workload): Workload =>
  withTemplate(workload, (template) => ({
    ...template,
    volumes: template.volumes.map((volume) =>
      volume.name === VOLUMES.mtls || volume.name === VOLUMES.serving
        ? { ...volume, source: sourceOf(volume) }
        : volume,
    ),
  }));
