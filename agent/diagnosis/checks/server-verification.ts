/**
 * Whether, and by what, each client verifies repo-server.
 *
 * A CA path goes before strict-tls; with neither, Argo CD accepts any server (reposerver/apiclient/clientset.go, buildTLSClientConfig).
 */
import { containerOf } from '../../argocd/container.ts';
import { CLIENT_PARAMETERS, SERVER_CA_PATH } from '../../argocd/parameters.ts';
import { adjustableBy, caPathOf, verificationOf } from '../../argocd/template.ts';
import type { FileOrigin } from '../../model/mounts.ts';
import type { Finding } from '../../model/plan.ts';
import { type Check, type FoundClient, foundClients, isIdle, nameOf, type PreflightInput } from '../input.ts';
import { workloadPatch } from '../patches.ts';

const how = (client: FoundClient) => verificationOf(client.component, client.mounts);

/** Clients that take any server for repo-server. */
export const unverifiedServer: Check = (input) => {
  const { settings } = input;
  if (settings.state === 'disabled' || settings.verification === 'on') return [];
  const blind = foundClients(input).filter((client) => how(client) === 'none');
  if (blind.length === 0) return [];
  return [
    {
      code: 'server-unverified',
      severity: 'warning',
      about: `clients of ${settings.name}`,
      what: `${blind.map(({ component }) => component).join(', ')} accept${blind.length === 1 ? 's' : ''} any repo-server.`,
      effect: 'mTLS then proves the clients to repo-server, but not repo-server to them.',
      next: 'Set verification: on for this instance, with a source for the serving certificate (serving).',
      patch: undefined,
    },
  ];
};

/** What keeps a client from being told a CA path through the ConfigMap, where the configuration wants that. */
export const caPathOutOfReach: Check = (input) => {
  const { settings } = input;
  if (settings.verification !== 'on') return [];
  return foundClients(input).flatMap((client): readonly Finding[] => {
    const { serverCaPath } = client.mounts;
    if (how(client) === 'plaintext' || caPathOf(client.component, client.mounts) !== '') return [];
    const reach = adjustableBy(serverCaPath);
    if (reach?.configMap === settings.names.paramsConfigMap) return [];
    return [
      {
        code: 'ca-path-out-of-reach',
        severity: client.mounts.serverCa.from === 'secret' && !isIdle(client) ? 'blocking' : 'warning',
        about: nameOf(client.workload.ref),
        what: `Its CA path is not taken from ConfigMap ${settings.names.paramsConfigMap}.`,
        effect: 'It would go on accepting any server, however often it is restarted.',
        next: 'Apply the patch.',
        patch: caPathEnvPatch(client, settings.names.paramsConfigMap),
      },
    ];
  });
};

function caPathEnvPatch({ component, workload }: FoundClient, configMap: string): string | undefined {
  const container = containerOf(component, workload.template);
  if (container === undefined) return undefined;
  const { caCertPath, caPathKey } = CLIENT_PARAMETERS[component];
  const variable = {
    name: caCertPath.env,
    value: null,
    valueFrom: { configMapKeyRef: { name: configMap, key: caPathKey, optional: true } },
  };
  return workloadPatch(workload, { template: { containers: [{ name: container.name, env: [variable] }] } });
}

/** True where the file is the one the agent publishes. */
const isOurs = (origin: FileOrigin, secret: string): boolean =>
  origin.from === 'secret' && origin.secret === secret && origin.key === 'server-ca.crt';

function withPath(input: PreflightInput): readonly FoundClient[] {
  return foundClients(input).filter((client) => how(client) === 'ca-path');
}

/** A CA path is set, but there is no file: an empty pool, with which each call fails. */
export const caFileMissing: Check = (input) => {
  const { stored, serving, settings } = input;
  return withPath(input).flatMap((client): readonly Finding[] => {
    const origin = client.mounts.serverCa;
    const unmounted = origin.from === 'nowhere' || origin.from === 'not-projected';
    const unpublished =
      isOurs(origin, settings.names.mtlsSecret) &&
      serving?.state !== 'ready' &&
      stored.mtls?.data.has('server-ca.crt') !== true;
    if (!unmounted && !unpublished) return [];
    return [
      {
        code: 'ca-file-missing',
        severity: unmounted && !isIdle(client) ? 'blocking' : 'warning',
        about: nameOf(client.workload.ref),
        what: `Its CA path is ${caPathOf(client.component, client.mounts)}, but ${unmounted ? 'no such file is mounted' : 'nothing is published there'}.`,
        effect: 'A process that starts like this trusts no server: each of its calls fails until a restart.',
        next: unmounted
          ? `Mount server-ca.crt there, or use ${SERVER_CA_PATH}, which the default install mounts.`
          : 'Name a source for the serving certificate (serving), or take the CA path away and restart it.',
        patch: undefined,
      },
    ];
  });
};

/** A client that verifies by a file the agent can't publish, while the agent is to replace the serving certificate. */
export const caFileElsewhere: Check = (input) => {
  const { settings } = input;
  if (settings.serving === undefined) return [];
  return withPath(input).flatMap((client): readonly Finding[] => {
    const origin = client.mounts.serverCa;
    if (origin.from === 'nowhere' || origin.from === 'not-projected') return [];
    if (isOurs(origin, settings.names.mtlsSecret)) return [];
    return [
      {
        code: 'ca-file-elsewhere',
        severity: isIdle(client) ? 'warning' : 'blocking',
        about: nameOf(client.workload.ref),
        what: `It verifies repo-server by ${caPathOf(client.component, client.mounts)}, which does not come from server-ca.crt of Secret ${settings.names.mtlsSecret}.`,
        effect:
          'It would not learn of a new server CA, and each of its calls would fail after the serving certificate changed.',
        next: `Set its CA path to ${SERVER_CA_PATH}, or take the source of the serving certificate (serving) out of the configuration.`,
        patch: undefined,
      },
    ];
  });
};

/** The deprecated way of verifying: roots out of the serving Secret, once at start. */
export const strictTls: Check = (input) =>
  foundClients(input)
    .filter((client) => how(client) === 'strict-tls')
    .map(
      (client): Finding => ({
        code: 'strict-tls',
        severity: 'warning',
        about: nameOf(client.workload.ref),
        what: 'It verifies repo-server by the deprecated strict-tls: tls.crt and ca.crt of the serving Secret, read once at its start.',
        effect: 'What it trusts cannot be widened before the serving certificate changes under another CA.',
        next: 'Set verification: on, which gives it a CA path (that goes before strict-tls), then take strict-tls away.',
        patch: undefined,
      }),
    );
