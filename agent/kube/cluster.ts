/**
 * The {@link Cluster} port on a real Kubernetes API.
 *
 * **Invariant:** no state is kept between calls: every read asks the API server.
 */
import type { Cluster } from '../ports.ts';
import { listCertificates, readCertificate, requestIssuance } from './certificates.ts';
import { type ClientTools, KubeClient } from './client.ts';
import { applyConfigMap, readConfigMap } from './config-maps.ts';
import { emitEvent } from './events.ts';
import { readExternalSecret } from './external-secrets.ts';
import { applySecret, deleteSecret, readSecret } from './secrets.ts';
import { startWatch, type WatchTools } from './watch.ts';
import { annotateTemplate, evict, listPods, listWorkloads } from './workloads.ts';

export interface ClusterTools extends ClientTools, Pick<WatchTools, 'onTrouble'> {
  /** Who of several agents this is: the pod's name. */
  readonly reporter: string;
}

export const createCluster = (tools: ClusterTools): Cluster => {
  const client = new KubeClient(tools);
  return {
    readSecret: (namespace, name) => readSecret(client, namespace, name),
    readConfigMap: (namespace, name) => readConfigMap(client, namespace, name),
    readCertificate: (namespace, name) => readCertificate(client, namespace, name),
    listCertificates: (namespace, labels) => listCertificates(client, namespace, labels),
    readExternalSecret: (namespace, name) => readExternalSecret(client, namespace, name),
    listWorkloads: (namespace) => listWorkloads(client, namespace),
    listPods: (namespace) => listPods(client, namespace),
    applySecret: (intent, precondition) => applySecret(client, intent, precondition),
    applyConfigMap: (intent, precondition) => applyConfigMap(client, intent, precondition),
    deleteSecret: (namespace, name, precondition) => deleteSecret(client, namespace, name, precondition),
    annotateTemplate: (workload, annotations, precondition) =>
      annotateTemplate(client, workload, annotations, precondition),
    evict: (namespace, pod, uid) => evict(client, namespace, pod, uid),
    requestIssuance: (certificate, why, at) => requestIssuance(client, certificate, why, at),
    emitEvent: (event) => emitEvent(client, event, tools.reporter),
    watch: (target, onChange) => startWatch(client, target, onChange, tools),
  };
};
