/**
 * A workload of the model as the Kubernetes object an API server would take.
 *
 * **Invariant:** says no more than the model knows; what Kubernetes defaults is left to the server.
 */
import type {
  Container,
  EnvVar,
  Items,
  PodTemplate,
  VolumeSource,
  Workload,
} from '../../../agent/model/workload.ts';

const env = ({ name, value, configMapKey }: EnvVar) =>
  configMapKey === undefined
    ? { name, value: value ?? '' }
    : {
        name,
        valueFrom: {
          configMapKeyRef: {
            name: configMapKey.configMap,
            key: configMapKey.key,
            optional: configMapKey.optional,
          },
        },
      };

const container = (one: Container) => ({
  name: one.name,
  image: one.image,
  ...(one.command.length > 0 && { command: one.command }),
  args: one.args,
  env: one.env.map(env),
  volumeMounts: one.mounts.map(({ volume, path, subPath, readOnly }) => ({
    name: volume,
    mountPath: path,
    ...(subPath !== undefined && { subPath }),
    ...(readOnly && { readOnly }),
  })),
  ...(typeof one.preStop === 'number' && { lifecycle: { preStop: { sleep: { seconds: one.preStop } } } }),
});

const items = (list: Items) => list !== undefined && { items: list.map(({ key, path }) => ({ key, path })) };

function source(from: VolumeSource): object {
  switch (from.type) {
    case 'secret':
      return { secret: { secretName: from.name, ...items(from.items), optional: from.optional } };
    case 'configMap':
      return { configMap: { name: from.name, ...items(from.items), optional: from.optional } };
    case 'projected':
      return {
        projected: {
          sources: from.sources.map((each) =>
            each.type === 'other'
              ? { [each.kind]: {} }
              : { [each.type]: { name: each.name, ...items(each.items), optional: each.optional } },
          ),
        },
      };
    case 'other':
      return { [from.kind]: {} };
  }
}

const podTemplate = (template: PodTemplate) => ({
  metadata: { labels: template.labels, annotations: template.annotations },
  spec: {
    ...(template.serviceAccount !== undefined && { serviceAccountName: template.serviceAccount }),
    ...(template.initContainers.length > 0 && { initContainers: template.initContainers.map(container) }),
    containers: template.containers.map(container),
    volumes: template.volumes.map(({ name, source: from }) => ({ name, ...source(from) })),
  },
});

function strategy(workload: Workload): object {
  const { type } = workload.strategy;
  if (workload.ref.kind === 'Deployment') return { strategy: { type } };
  return {
    updateStrategy: {
      type,
      ...(workload.strategy.type === 'RollingUpdate' && {
        rollingUpdate: { partition: workload.strategy.partition },
      }),
    },
    serviceName: workload.ref.name,
  };
}

export const manifestOf = (workload: Workload) => ({
  apiVersion: 'apps/v1',
  kind: workload.ref.kind,
  metadata: {
    name: workload.ref.name,
    namespace: workload.ref.namespace,
    labels: workload.labels,
    annotations: workload.annotations,
  },
  spec: {
    replicas: workload.replicas,
    selector: { matchLabels: workload.selector },
    ...(workload.paused && { paused: true }),
    ...strategy(workload),
    template: podTemplate(workload.template),
  },
});
