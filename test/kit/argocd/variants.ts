/**
 * How real installs differ from the default one: each variant takes a workload and gives another.
 *
 * **Invariant:** a variant changes exactly what its name says.
 */
import type { Component } from '../../../agent/model/terms.ts';
import type {
  Container,
  EnvVar,
  PodTemplate,
  Volume,
  VolumeSource,
  Workload,
} from '../../../agent/model/workload.ts';
import { workloadOf } from './install.ts';

export const withTemplate = (
  workload: Workload,
  change: (template: PodTemplate) => PodTemplate,
): Workload => ({
  ...workload,
  template: change(workload.template),
});

/** Changes the Argo CD container, which is the first. */
export const withContainer = (
  workload: Workload,
  change: (container: Container) => Partial<Container>,
): Workload =>
  withTemplate(workload, (template) => ({
    ...template,
    containers: template.containers.map((container, index) =>
      index === 0 ? { ...container, ...change(container) } : container,
    ),
  }));

export const withArgs = (workload: Workload, ...args: readonly string[]): Workload =>
  withContainer(workload, (container) => ({ args: [...container.args, ...args] }));

export const withEnv = (workload: Workload, ...env: readonly EnvVar[]): Workload =>
  withContainer(workload, (container) => ({ env: [...container.env, ...env] }));

export const literal = (name: string, value: string): EnvVar => ({ name, value, configMapKey: undefined });

/** Replaces the source of one volume. */
export const withVolume = (workload: Workload, name: string, source: VolumeSource): Workload =>
  withTemplate(workload, (template) => ({
    ...template,
    volumes: template.volumes.map((volume) => (volume.name === name ? { name, source } : volume)),
  }));

/** Leaves one file out of the mtls volume's items. */
export const withoutItem = (workload: Workload, file: string): Workload =>
  withTemplate(workload, (template) => ({
    ...template,
    volumes: template.volumes.map((volume): Volume => {
      if (volume.name !== 'argocd-repo-server-mtls' || volume.source.type !== 'secret') return volume;
      const items = volume.source.items?.filter(({ path }) => path !== file);
      return { ...volume, source: { ...volume.source, items } };
    }),
  }));

/** Without the mtls volume, its mount and the variables that go with it: upstream's controller-as-Deployment, or anything before 3.5. */
export const withoutMtls = (workload: Workload): Workload =>
  withContainer(
    withTemplate(workload, (template) => ({
      ...template,
      volumes: template.volumes.filter(({ name }) => name !== 'argocd-repo-server-mtls'),
    })),
    (container) => ({
      env: container.env.filter(({ name }) => !/CA_CERT_PATH|CLIENT_CERT|CLIENT_CA/.test(name)),
      mounts: container.mounts.filter(({ volume }) => volume !== 'argocd-repo-server-mtls'),
    }),
  );

/** Each file of the mtls volume mounted by itself, by subPath: the kubelet never refreshes those. */
export const bySubPath = (workload: Workload, ...files: readonly string[]): Workload =>
  withContainer(workload, (container) => ({
    mounts: [
      ...container.mounts.filter(({ volume }) => volume !== 'argocd-repo-server-mtls'),
      ...files.map((file) => ({
        volume: 'argocd-repo-server-mtls',
        path: `/app/config/reposerver/mtls/${file}`,
        subPath: file,
        readOnly: true,
      })),
    ],
  }));

/** manifests/base/application-controller-deployment: a Deployment that mounts nothing, and the StatefulSet kept at zero beside it. */
export function controllerAsDeployment(namespace = 'argocd'): {
  readonly deployment: Workload;
  readonly emptyStatefulSet: Workload;
} {
  const stateful = workloadOf('application-controller', { namespace });
  const deployment = withoutMtls({
    ...stateful,
    ref: { ...stateful.ref, kind: 'Deployment' },
    uid: 'uid-application-controller-deployment',
    status: { ...stateful.status, currentRevision: undefined, updateRevision: undefined },
  });
  return { deployment, emptyStatefulSet: workloadOf('application-controller', { namespace, replicas: 0 }) };
}

/** As argo-helm names and labels things: release in front, container called as the component, version label. */
export function asHelmRelease(component: Component, release: string): Workload {
  const upstream = workloadOf(component);
  const name = `${release}-argocd-${component}`;
  const identity = { 'app.kubernetes.io/name': `argocd-${component}`, 'app.kubernetes.io/instance': release };
  return withContainer(
    withTemplate(
      {
        ...upstream,
        ref: { ...upstream.ref, name },
        labels: {
          ...identity,
          'app.kubernetes.io/component': component,
          'app.kubernetes.io/part-of': 'argocd',
          'app.kubernetes.io/managed-by': 'Helm',
          'app.kubernetes.io/version': 'v3.6.1',
        },
        selector: identity,
      },
      (template) => ({ ...template, labels: identity }),
    ),
    () => ({ name: component }),
  );
}
