/**
 * Whether each component opens the files that are going to be published.
 *
 * Where the version is known to be older than 3.5 nothing is said here: {@link version} names the cause.
 */
import { containerOf } from '../../argocd/container.ts';
import { CLIENT_PARAMETERS, MTLS_DIRECTORY } from '../../argocd/parameters.ts';
import { adjustableBy } from '../../argocd/template.ts';
import { hasMtls } from '../../argocd/versions.ts';
import type { FileOrigin } from '../../model/mounts.ts';
import type { Finding } from '../../model/plan.ts';
import type { Component } from '../../model/terms.ts';
import type { Workload } from '../../model/workload.ts';
import { type Check, type FoundAny, foundClients, foundRepoServer, isIdle, nameOf } from '../input.ts';
import { itemsPatch, type MountPlan, mountPatch } from '../patches.ts';

interface Expected {
  readonly file: string;
  readonly origin: FileOrigin;
  readonly secret: string;
}

/** What of a file's origin keeps published content from reaching it; `undefined` where nothing does. */
function trouble({ file, origin, secret }: Expected): string | undefined {
  switch (origin.from) {
    case 'nowhere':
      return `nothing is mounted at ${origin.path || 'an empty path'} (${file})`;
    case 'not-projected':
      return `the items of the volume leave ${file} out`;
    case 'foreign':
      return `${file} comes from volume ${origin.volume} (${origin.kind}), where nothing can be published`;
    case 'config-map':
      return `${file} comes from ConfigMap ${origin.configMap}`;
    case 'secret':
      if (origin.secret !== secret) return `${file} comes from Secret ${origin.secret}, not ${secret}`;
      return origin.key === file ? undefined : `${file} comes from key ${origin.key} of Secret ${secret}`;
  }
}

function patchFor(found: FoundAny, missing: readonly Expected[], plan: MountPlan): string | undefined {
  const { component, workload } = found;
  const container = containerOf(component, workload.template);
  if (container === undefined) return undefined;
  if (missing.every(({ origin }) => origin.from === 'nowhere')) {
    const occupied = container.mounts.some(({ path }) => path === plan.directory);
    return occupied ? undefined : mountPatch(workload, container, plan);
  }
  if (!missing.every(({ origin }) => origin.from === 'not-projected')) return undefined;
  const volume = volumeAt(workload, component, plan.directory);
  return (
    volume &&
    itemsPatch(
      workload,
      volume,
      missing.map(({ file }) => file),
    )
  );
}

function volumeAt(workload: Workload, component: Component, directory: string) {
  const mounted = containerOf(component, workload.template)?.mounts.find(({ path }) => path === directory);
  return workload.template.volumes.find(({ name }) => name === mounted?.volume);
}

function report(
  found: FoundAny,
  expected: readonly Expected[],
  plan: MountPlan,
  effect: string,
): readonly Finding[] {
  const missing = expected.filter((each) => trouble(each) !== undefined);
  if (missing.length === 0 || hasMtls(found.version) === 'no') return [];
  const patch = patchFor(found, missing, plan);
  return [
    {
      code: 'file-not-mounted',
      severity: isIdle(found) ? 'warning' : 'blocking',
      about: nameOf(found.workload.ref),
      what: `${missing.map(trouble).join('; ')}.`,
      effect,
      next:
        patch === undefined
          ? `Mount ${missing.map(({ file }) => file).join(' and ')} from Secret ${plan.secret} at ${plan.directory}, or name the Secret it uses in the configuration.`
          : 'Apply the patch.',
      patch,
    },
  ];
}

/** A client that can't show its certificate is cut off as soon as repo-server asks for one. */
export const clientFiles: Check = (input) => {
  const { settings } = input;
  if (settings.state === 'disabled') return [];
  const secret = settings.names.mtlsSecret;
  return foundClients(input).flatMap((client) => {
    const { certificate, key, serverCaPath } = client.mounts;
    const names = CLIENT_PARAMETERS[client.component];
    const { env } = names.caCertPath;
    const tellable = adjustableBy(serverCaPath) !== undefined || serverCaPath.from !== 'default';
    const plan: MountPlan = {
      volume: 'argocd-repo-server-mtls',
      secret,
      directory: MTLS_DIRECTORY,
      files: ['client.crt', 'client.key', 'server-ca.crt'],
      env: tellable ? [] : [{ name: env, configMap: settings.names.paramsConfigMap, key: names.caPathKey }],
    };
    const expected = [
      { file: 'client.crt', origin: certificate, secret },
      { file: 'client.key', origin: key, secret },
    ];
    return report(
      client,
      expected,
      plan,
      'Once repo-server requires client certificates, each of its calls is refused.',
    );
  });
};

/** Without client-ca.crt repo-server silently asks for no certificate. */
export const clientCaFile: Check = (input) => {
  const repoServer = foundRepoServer(input);
  if (input.settings.state === 'disabled' || repoServer === undefined) return [];
  const secret = input.settings.names.mtlsSecret;
  const plan = {
    volume: 'argocd-repo-server-mtls',
    secret,
    directory: MTLS_DIRECTORY,
    files: ['client-ca.crt'],
    env: [],
  };
  const expected = [{ file: 'client-ca.crt', origin: repoServer.mounts.clientCa, secret }];
  return report(
    { component: 'repo-server', ...repoServer },
    expected,
    plan,
    'repo-server goes on without asking for certificates: mTLS stays off, without a word.',
  );
};

/** A serving certificate that is published, but not where repo-server looks. */
export const servingFiles: Check = (input) => {
  const repoServer = foundRepoServer(input);
  if (input.settings.serving === undefined || repoServer === undefined) return [];
  const secret = input.settings.names.servingSecret;
  const plan = {
    volume: 'argocd-repo-server-tls',
    secret,
    directory: '/app/config/reposerver/tls',
    files: ['tls.crt', 'tls.key'],
    env: [],
  };
  const { servingCertificate, servingKey } = repoServer.mounts;
  const expected = [
    { file: 'tls.crt', origin: servingCertificate, secret },
    { file: 'tls.key', origin: servingKey, secret },
  ];
  return report(
    { component: 'repo-server', ...repoServer },
    expected,
    plan,
    'repo-server goes on with a certificate of its own making, which no client can verify.',
  );
};
