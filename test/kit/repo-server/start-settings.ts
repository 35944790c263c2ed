/**
 * The environment that a container got at its start, and the few settings the stand-ins take from it.
 *
 * Names and defaults from argoproj/argo-cd v3.6.1, cmd/argocd-repo-server/commands/argocd_repo_server.go and util/tls/tls.go,
 * written out here and not taken from the agent's tables.
 */
import { type JsonObject, objectAt, objectsAt, optionalTextAt, textAt } from '../api-server/json.ts';
import type { ObjectReader } from './mounted-files.ts';

/** What the processes open, as absolute paths. */
export interface StartSettings {
  readonly clientCa: string;
  readonly servingDirectory: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  /** Empty: the server is not verified. */
  readonly serverCa: string;
}

const MTLS = '/app/config/reposerver/mtls';

const contentOf = (variable: JsonObject, namespace: string, reader: ObjectReader): string => {
  const reference = objectAt(variable, 'valueFrom', 'configMapKeyRef');
  const name = optionalTextAt(reference, 'name');
  if (name === undefined) {
    return optionalTextAt(variable, 'value') ?? '';
  }
  const data = objectAt(reader.get('ConfigMap', namespace, name) ?? {}, 'data');
  return String(data[textAt(reference, 'key')] ?? '');
};

/** Read once: a later change of the ConfigMap doesn't reach a running process. */
export const settingsAtStart = (pod: JsonObject, namespace: string, reader: ObjectReader): StartSettings => {
  const variables = objectsAt(objectAt(pod, 'spec'), 'containers').flatMap((container) =>
    objectsAt(container, 'env'),
  );
  const ending = (suffix: string, fallback: string): string => {
    const variable = variables.find((candidate) => textAt(candidate, 'name').endsWith(suffix));
    const value = variable === undefined ? '' : contentOf(variable, namespace, reader);
    return value === '' ? fallback : value;
  };
  return {
    clientCa: ending('REPO_SERVER_CLIENT_CA_PATH', `${MTLS}/client-ca.crt`),
    servingDirectory: '/app/config/reposerver/tls',
    clientCertificate: ending('REPO_SERVER_CLIENT_CERT_PATH', `${MTLS}/client.crt`),
    clientKey: ending('REPO_SERVER_CLIENT_CERT_KEY_PATH', `${MTLS}/client.key`),
    serverCa: ending('REPO_SERVER_CA_CERT_PATH', ''),
  };
};
