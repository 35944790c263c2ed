/**
 * Which pods have a service mesh's proxy in front of their ports, by what each mesh's injector leaves on a pod.
 *
 * Sources: Istio, istio.io/docs/reference/config/annotations and manifests' injection template (container `istio-proxy`, a native sidecar
 * where the cluster has them; ambient: `ambient.istio.io/redirection`); Linkerd, linkerd.io/reference/proxy-configuration (container
 * `linkerd-proxy`); Consul, consul-k8s control-plane/connect-inject/constants (container `consul-dataplane`, before 1.0 `envoy-sidecar`); Kuma,
 * kuma.io/docs, data plane on Kubernetes (container `kuma-sidecar`); Open Service Mesh and App Mesh call theirs `envoy`.
 *
 * **Invariant:** a proxy that leaves none of these marks is not seen here; what calls show of it is `verification/`'s matter.
 */
import type { Pod, PodTemplate } from '../model/workload.ts';

export interface MeshProxy {
  readonly mesh: string;
  /** For people: the container's name, or what stands for it. */
  readonly name: string;
  /** What gave it away: `container istio-proxy`, `annotation linkerd.io/proxy-version`. */
  readonly fact: string;
}

interface Mark {
  readonly mesh: string;
  readonly containers: readonly string[];
  readonly annotations: readonly {
    readonly name: string;
    /** Any value where left out. */
    readonly value?: string;
  }[];
  /** What to call it where only an annotation shows. */
  readonly name: string;
}

const MARKS: readonly Mark[] = [
  {
    mesh: 'Istio',
    containers: ['istio-proxy'],
    annotations: [{ name: 'sidecar.istio.io/status' }],
    name: 'istio-proxy',
  },
  {
    mesh: 'Istio, ambient',
    containers: [],
    annotations: [{ name: 'ambient.istio.io/redirection', value: 'enabled' }],
    name: 'ztunnel',
  },
  {
    mesh: 'Linkerd',
    containers: ['linkerd-proxy'],
    annotations: [{ name: 'linkerd.io/proxy-version' }],
    name: 'linkerd-proxy',
  },
  {
    mesh: 'Consul',
    containers: ['consul-dataplane', 'envoy-sidecar'],
    annotations: [{ name: 'consul.hashicorp.com/connect-inject-status', value: 'injected' }],
    name: 'consul-dataplane',
  },
  {
    mesh: 'Kuma',
    containers: ['kuma-sidecar'],
    annotations: [{ name: 'kuma.io/sidecar-injected', value: 'true' }],
    name: 'kuma-sidecar',
  },
  { mesh: 'Envoy', containers: ['envoy'], annotations: [], name: 'envoy' },
];

/** By a container's name: `consul-dataplane` may have a suffix where a pod has several ports. */
const isNamed = (name: string, wanted: string): boolean =>
  name === wanted || (wanted === 'consul-dataplane' && name.startsWith(`${wanted}-`));

function shownBy(mark: Mark, template: PodTemplate): MeshProxy | undefined {
  for (const [kind, list] of [
    ['container', template.containers],
    ['init container', template.initContainers],
  ] as const) {
    const found = list.find(({ name }) => mark.containers.some((wanted) => isNamed(name, wanted)));
    if (found !== undefined) return { mesh: mark.mesh, name: found.name, fact: `${kind} ${found.name}` };
  }
  const annotation = mark.annotations.find(({ name, value }) => {
    const present = template.annotations[name];
    return present !== undefined && (value === undefined || present === value);
  });
  return annotation && { mesh: mark.mesh, name: mark.name, fact: `annotation ${annotation.name}` };
}

/** The proxies that a pod template, or a pod's own spec, shows; nearly always none. */
export const proxiesIn = (template: PodTemplate): readonly MeshProxy[] =>
  MARKS.flatMap((mark) => shownBy(mark, template) ?? []);

/** The proxy in front of a pod, as injected into it; a template may show none of it. */
export const proxyOf = (pod: Pod): MeshProxy | undefined =>
  proxiesIn({ ...pod.spec, annotations: { ...pod.spec.annotations, ...pod.annotations } })[0];
