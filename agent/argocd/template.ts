/**
 * What a pod template gives to Argo CD: the files it will open and the settings it will start with.
 *
 * **Invariant:** nothing about a component is assumed that its template, or the program's own default, doesn't say.
 */
import type {
  ClientMounts,
  ComponentMounts,
  FileOrigin,
  RepoServerMounts,
  Setting,
} from '../model/mounts.ts';
import type { ClientComponent, Component } from '../model/terms.ts';
import type { Container, PodTemplate } from '../model/workload.ts';
import { containerOf, effective, isOn, setting } from './container.ts';
import { originOf } from './origin.ts';
import { CLIENT_PARAMETERS, CONFIG_DIRECTORY, REPO_SERVER_PARAMETERS, SERVER_CA_PATH } from './parameters.ts';

type Params = Readonly<Record<string, string>>;

/** A pod without a recognisable container: every file is nowhere, every setting the default. */
const NO_CONTAINER: Container = {
  name: '',
  image: '',
  command: [],
  args: [],
  env: [],
  mounts: [],
  preStop: undefined,
};

const containerOrNone = (component: Component, template: PodTemplate): Container =>
  containerOf(component, template) ?? NO_CONTAINER;

const configDirectory = (container: Container): string =>
  container.env.findLast(({ name }) => name === CONFIG_DIRECTORY.env)?.value || CONFIG_DIRECTORY.fallback;

/** The files that repo-server opens, by absolute path. */
export interface RepoServerPaths {
  readonly clientCa: string;
  readonly servingCertificate: string;
  readonly servingKey: string;
}

export function repoServerPaths(template: PodTemplate, params: Params): RepoServerPaths {
  const container = containerOrNone('repo-server', template);
  const { clientCaPath } = REPO_SERVER_PARAMETERS;
  const directory = configDirectory(container);
  return {
    clientCa: effective(setting(container, clientCaPath, params), clientCaPath),
    servingCertificate: `${directory}/reposerver/tls/tls.crt`,
    servingKey: `${directory}/reposerver/tls/tls.key`,
  };
}

/** What repo-server's container opens. `params`: today's `argocd-cmd-params-cm`. */
export function readRepoServerMounts(template: PodTemplate, params: Params): RepoServerMounts {
  const container = containerOrNone('repo-server', template);
  const tls = setting(container, REPO_SERVER_PARAMETERS.disableTls, params, 'switch');
  const port = setting(container, REPO_SERVER_PARAMETERS.port, params);
  const paths = repoServerPaths(template, params);
  const origin = (path: string): FileOrigin => originOf(container, template, path);
  return {
    role: 'repo-server',
    clientCaPath: setting(container, REPO_SERVER_PARAMETERS.clientCaPath, params),
    clientCa: origin(paths.clientCa),
    servingCertificate: origin(paths.servingCertificate),
    servingKey: origin(paths.servingKey),
    tlsDisabled: isOn(tls, REPO_SERVER_PARAMETERS.disableTls),
    port: Number(effective(port, REPO_SERVER_PARAMETERS.port)),
  };
}

/** The files that a client opens, by absolute path. */
export interface ClientPaths {
  readonly certificate: string;
  readonly key: string;
  /** Where its CA path is empty: the path that the agent would set ({@link SERVER_CA_PATH}). */
  readonly serverCa: string;
}

export function clientPaths(component: ClientComponent, template: PodTemplate, params: Params): ClientPaths {
  const container = containerOrNone(component, template);
  const names = CLIENT_PARAMETERS[component];
  const text = (parameter: typeof names.repoServer): string =>
    effective(setting(container, parameter, params), parameter);
  return {
    certificate: text(names.certificatePath),
    key: text(names.keyPath),
    serverCa: text(names.caCertPath) || SERVER_CA_PATH,
  };
}

/**
 * What a client's container opens. Where its CA path is empty, `serverCa` says what lies at the path that the agent would set
 * ({@link SERVER_CA_PATH}).
 */
export function readClientMounts(
  component: ClientComponent,
  template: PodTemplate,
  params: Params,
): ClientMounts {
  const container = containerOrNone(component, template);
  const names = CLIENT_PARAMETERS[component];
  const paths = clientPaths(component, template, params);
  const on = (parameter: typeof names.strictTls): boolean =>
    isOn(setting(container, parameter, params, 'switch'), parameter);
  const origin = (path: string): FileOrigin => originOf(container, template, path);
  return {
    role: 'client',
    certificate: origin(paths.certificate),
    key: origin(paths.key),
    serverCa: origin(paths.serverCa),
    serverCaPath: setting(container, names.caCertPath, params),
    strictTls: on(names.strictTls),
    plaintext: on(names.plaintext),
    repoServerAddress: effective(setting(container, names.repoServer, params), names.repoServer),
  };
}

export const readMounts = (component: Component, template: PodTemplate, params: Params): ComponentMounts =>
  component === 'repo-server'
    ? readRepoServerMounts(template, params)
    : readClientMounts(component, template, params);

/** The value of a client's CA path as the program would see it, were it started now. Empty: repo-server is not verified by it. */
export const caPathOf = (component: ClientComponent, mounts: ClientMounts): string =>
  effective(mounts.serverCaPath, CLIENT_PARAMETERS[component].caCertPath);

/** How a client verifies repo-server, were it started now. The CA path goes before strict-tls. */
export function verificationOf(
  component: ClientComponent,
  mounts: ClientMounts,
): 'plaintext' | 'ca-path' | 'strict-tls' | 'none' {
  if (mounts.plaintext) return 'plaintext';
  if (caPathOf(component, mounts) !== '') return 'ca-path';
  return mounts.strictTls ? 'strict-tls' : 'none';
}

/** Where the deprecated strict-tls looks for its roots. */
export function readStrictRoots(
  component: ClientComponent,
  template: PodTemplate,
): { readonly certificate: FileOrigin; readonly ca: FileOrigin } {
  const container = containerOrNone(component, template);
  const directory = `${configDirectory(container)}/${CLIENT_PARAMETERS[component].strictRoots}`;
  return {
    certificate: originOf(container, template, `${directory}/tls.crt`),
    ca: originOf(container, template, `${directory}/ca.crt`),
  };
}

/** The ConfigMap and key by which a setting can be changed without touching the workload; `undefined` where it can't be. */
export const adjustableBy = (
  found: Setting,
): { readonly configMap: string; readonly key: string } | undefined =>
  found.from === 'config-map' ? { configMap: found.configMap, key: found.key } : undefined;
