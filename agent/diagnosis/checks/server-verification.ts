/**
 * Whether, and by what, each client verifies repo-server.
 *
 * A CA path goes before strict-tls; with neither, Argo CD accepts any server (reposerver/apiclient/clientset.go, buildTLSClientConfig).
 */
import { containerOf } from '../../argocd/container.ts';
import { CLIENT_PARAMETERS, SERVER_CA_PATH } from '../../argocd/parameters.ts';
import { adjustableBy, caPathOf, verificationOf } from '../../argocd/template.ts';
import type { Finding } from '../../model/plan.ts';
import { type Check, type FoundClient, foundClients, isIdle, nameOf, type PreflightInput } from '../input.ts';
import { keptPool, readsKeptPlace } from '../kept-place.ts';
import { clientNeeds } from '../needs.ts';
import { workloadPatch } from '../patches.ts';
import { projectionPatch } from '../projection.ts';

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

function withPath(input: PreflightInput): readonly FoundClient[] {
  return foundClients(input).filter((client) => how(client) === 'ca-path');
}

/** Has the file come from where the layout puts it. */
function serverCaPatch(client: FoundClient, input: PreflightInput): string | undefined {
  const { certificate, key, serverCa } = clientNeeds(client, input);
  return projectionPatch({
    component: client.component,
    workload: client.workload,
    needs: [certificate, key, serverCa],
    broken: [serverCa],
    volume: 'argocd-repo-server-mtls',
    env: [],
  });
}

const isUnmounted = ({ mounts }: FoundClient): boolean =>
  mounts.serverCa.from === 'nowhere' || mounts.serverCa.from === 'not-projected';

/** A CA path is set, but there is no file: an empty pool, with which each call fails. */
export const caFileMissing: Check = (input) => {
  const { published, serving } = input;
  return withPath(input).flatMap((client): readonly Finding[] => {
    const { serverCa } = clientNeeds(client, input);
    const pool = keptPool(client.mounts.serverCa, input);
    const unmounted = isUnmounted(client);
    const unpublished =
      pool !== undefined &&
      serving?.state !== 'ready' &&
      published.pools.find(({ secret }) => secret === pool)?.content.state === 'absent';
    if (!unmounted && !unpublished) return [];
    const patch = unmounted ? serverCaPatch(client, input) : undefined;
    return [
      {
        code: 'ca-file-missing',
        severity: unmounted && !isIdle(client) ? 'blocking' : 'warning',
        about: nameOf(client.workload.ref),
        what: `Its CA path is ${caPathOf(client.component, client.mounts)}, but ${unmounted ? 'no such file is mounted' : 'nothing is published there'}.`,
        effect: 'A process that starts like this trusts no server: each of its calls fails until a restart.',
        next: unmounted
          ? patch === undefined
            ? `Mount ${serverCa.key} of Secret ${serverCa.secret} there, or use ${SERVER_CA_PATH}, which the default install mounts.`
            : 'Apply the patch.'
          : 'Name a source for the serving certificate (serving), or take the CA path away and restart it.',
        patch,
      },
    ];
  });
};

/**
 * A client that is to verify and has no file to do it by: upstream's example of Option A projects `client-ca.crt` where `server-ca.crt`
 * stood. It is left as it is until it has one.
 */
export const caFileNotProjected: Check = (input) => {
  const { settings } = input;
  if (settings.verification !== 'on' || settings.state === 'disabled') return [];
  return foundClients(input).flatMap((client): readonly Finding[] => {
    if (how(client) === 'plaintext' || how(client) === 'ca-path' || !isUnmounted(client)) return [];
    // Without the pair either, that finding's patch mounts all files.
    if (!readsKeptPlace(client.mounts, input)) return [];
    const patch = serverCaPatch(client, input);
    const { serverCa } = clientNeeds(client, input);
    return [
      {
        code: 'ca-file-not-projected',
        severity: 'warning',
        about: nameOf(client.workload.ref),
        what: `It is to verify repo-server, but no file is mounted at ${serverCa.path}.`,
        effect: 'It goes on accepting any server: it is given no CA path before there is a file.',
        next:
          patch === undefined
            ? `Mount ${serverCa.key} of Secret ${serverCa.secret} as ${serverCa.path}.`
            : 'Apply the patch.',
        patch,
      },
    ];
  });
};

/** A client that verifies by a file the agent can't publish, while the agent is to replace the serving certificate. */
export const caFileElsewhere: Check = (input) => {
  const { settings } = input;
  if (settings.serving === undefined) return [];
  return withPath(input).flatMap((client): readonly Finding[] => {
    if (isUnmounted(client) || keptPool(client.mounts.serverCa, input) !== undefined) return [];
    const { serverCa } = clientNeeds(client, input);
    const patch = serverCaPatch(client, input);
    return [
      {
        code: 'ca-file-elsewhere',
        severity: isIdle(client) ? 'warning' : 'blocking',
        about: nameOf(client.workload.ref),
        what: `It verifies repo-server by ${caPathOf(client.component, client.mounts)}, which does not come from ${serverCa.key} of Secret ${serverCa.secret}.`,
        effect:
          'It would not learn of a new server CA, and each of its calls would fail after the serving certificate changed.',
        next:
          patch === undefined
            ? `Set its CA path to ${SERVER_CA_PATH}, or take the source of the serving certificate (serving) out of the configuration.`
            : `Put what it verifies by now under ${serverCa.key} of that Secret, then apply the patch; or take the source of the serving certificate (serving) out of the configuration.`,
        patch,
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
