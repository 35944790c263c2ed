/**
 * The names under which Argo CD's programs take the settings that matter here: flag, environment variable, default.
 *
 * Source: argoproj/argo-cd v3.6.1, cmd/*\/commands, util/tls/tls.go (AddClientTLSFlagsToCmdWithPrefix), common/common.go; the
 * variables' keys in `argocd-cmd-params-cm` are read from the pod template, not from here.
 *
 * **Invariant:** a setting's value is decided as the program does it: the last argument, else a non-empty variable, else the default.
 */
import type { ClientComponent, Component } from '../model/terms.ts';

export interface Parameter {
  /** Without the leading dashes. */
  readonly flag: string;
  /** `undefined` where the program has only the flag. */
  readonly env: string | undefined;
  readonly fallback: string;
}

/** The programs by the name they are called by. */
export const PROGRAMS: Readonly<Record<Component, string>> = {
  'repo-server': 'argocd-repo-server',
  server: 'argocd-server',
  'application-controller': 'argocd-application-controller',
  'applicationset-controller': 'argocd-applicationset-controller',
  'notifications-controller': 'argocd-notifications',
};

/** Directory below which serving certificate and strict-tls roots lie (`ARGOCD_APP_CONF_PATH`). */
export const CONFIG_DIRECTORY = { env: 'ARGOCD_APP_CONF_PATH', fallback: '/app/config' } as const;

/** Where the default install mounts `argocd-repo-server-mtls`, in every component. */
export const MTLS_DIRECTORY = '/app/config/reposerver/mtls';

/** Where the default install mounts `argocd-repo-server-tls` in repo-server. */
export const SERVING_DIRECTORY = '/app/config/reposerver/tls';

/** The value the agent sets for a client's CA path when it switches verification on: the default install's projection. */
export const SERVER_CA_PATH = `${MTLS_DIRECTORY}/server-ca.crt`;

export const REPO_SERVER_PARAMETERS = {
  clientCaPath: {
    flag: 'client-ca-path',
    env: 'ARGOCD_REPO_SERVER_CLIENT_CA_PATH',
    fallback: `${MTLS_DIRECTORY}/client-ca.crt`,
  },
  disableTls: { flag: 'disable-tls', env: 'ARGOCD_REPO_SERVER_DISABLE_TLS', fallback: 'false' },
  port: { flag: 'port', env: undefined, fallback: '8081' },
} as const satisfies Readonly<Record<string, Parameter>>;

export interface ClientParameters {
  /** `host:port` that is dialled. */
  readonly repoServer: Parameter;
  readonly caCertPath: Parameter & { readonly env: string };
  readonly certificatePath: Parameter;
  readonly keyPath: Parameter;
  readonly strictTls: Parameter;
  readonly plaintext: Parameter;
  /** Below {@link CONFIG_DIRECTORY}: where `tls.crt` and `ca.crt` are looked for with strict-tls and no CA path. */
  readonly strictRoots: string;
  /** Key in `argocd-cmd-params-cm` that the default install maps to the CA path. */
  readonly caPathKey: string;
}

const REPO_SERVER_ADDRESS = 'argocd-repo-server:8081';

/** The three flags of AddClientTLSFlagsToCmdWithPrefix; the documentation's `--argocd-repo-server-ca-cert-path` doesn't exist. */
const shared = (prefix: string) => ({
  caCertPath: {
    flag: 'repo-server-ca-cert-path',
    env: `ARGOCD_${prefix}_REPO_SERVER_CA_CERT_PATH`,
    fallback: '',
  },
  certificatePath: {
    flag: 'repo-server-client-cert-path',
    env: `ARGOCD_${prefix}_REPO_SERVER_CLIENT_CERT_PATH`,
    fallback: `${MTLS_DIRECTORY}/client.crt`,
  },
  keyPath: {
    flag: 'repo-server-client-cert-key-path',
    env: `ARGOCD_${prefix}_REPO_SERVER_CLIENT_CERT_KEY_PATH`,
    fallback: `${MTLS_DIRECTORY}/client.key`,
  },
});

export const CLIENT_PARAMETERS: Readonly<Record<ClientComponent, ClientParameters>> = {
  server: {
    ...shared('SERVER'),
    repoServer: { flag: 'repo-server', env: 'ARGOCD_SERVER_REPO_SERVER', fallback: REPO_SERVER_ADDRESS },
    strictTls: {
      flag: 'repo-server-strict-tls',
      env: 'ARGOCD_SERVER_REPO_SERVER_STRICT_TLS',
      fallback: 'false',
    },
    plaintext: {
      flag: 'repo-server-plaintext',
      env: 'ARGOCD_SERVER_REPO_SERVER_PLAINTEXT',
      fallback: 'false',
    },
    strictRoots: 'server/tls',
    caPathKey: 'server.repo.server.ca.cert.path',
  },
  'application-controller': {
    ...shared('APPLICATION_CONTROLLER'),
    repoServer: {
      flag: 'repo-server',
      env: 'ARGOCD_APPLICATION_CONTROLLER_REPO_SERVER',
      fallback: REPO_SERVER_ADDRESS,
    },
    strictTls: {
      flag: 'repo-server-strict-tls',
      env: 'ARGOCD_APPLICATION_CONTROLLER_REPO_SERVER_STRICT_TLS',
      fallback: 'false',
    },
    plaintext: {
      flag: 'repo-server-plaintext',
      env: 'ARGOCD_APPLICATION_CONTROLLER_REPO_SERVER_PLAINTEXT',
      fallback: 'false',
    },
    strictRoots: 'controller/tls',
    caPathKey: 'controller.repo.server.ca.cert.path',
  },
  'applicationset-controller': {
    ...shared('APPLICATIONSET_CONTROLLER'),
    repoServer: {
      flag: 'argocd-repo-server',
      env: 'ARGOCD_APPLICATIONSET_CONTROLLER_REPO_SERVER',
      fallback: REPO_SERVER_ADDRESS,
    },
    strictTls: {
      flag: 'repo-server-strict-tls',
      env: 'ARGOCD_APPLICATIONSET_CONTROLLER_REPO_SERVER_STRICT_TLS',
      fallback: 'false',
    },
    plaintext: {
      flag: 'repo-server-plaintext',
      env: 'ARGOCD_APPLICATIONSET_CONTROLLER_REPO_SERVER_PLAINTEXT',
      fallback: 'false',
    },
    strictRoots: 'reposerver/tls',
    caPathKey: 'applicationsetcontroller.repo.server.ca.cert.path',
  },
  'notifications-controller': {
    ...shared('NOTIFICATION_CONTROLLER'),
    repoServer: { flag: 'argocd-repo-server', env: undefined, fallback: REPO_SERVER_ADDRESS },
    strictTls: { flag: 'argocd-repo-server-strict-tls', env: undefined, fallback: 'false' },
    plaintext: {
      flag: 'argocd-repo-server-plaintext',
      env: 'ARGOCD_NOTIFICATION_CONTROLLER_REPO_SERVER_PLAINTEXT',
      fallback: 'false',
    },
    strictRoots: 'reposerver/tls',
    caPathKey: 'notificationscontroller.repo.server.ca.cert.path',
  },
};
