/**
 * Who reads what, when, and what happens if it is missing or bad: Argo CD's repo-server mTLS as one table.
 *
 * Every order the agent follows is derived from this table and from nothing else. Each behaviour names the check
 * (`test/cluster/facts/`) that shows it on Argo CD's own program.
 *
 * **Invariant:** no row says what Argo CD ought to do; each says what the program of the tag named in `source` does.
 */
import type { FileRole } from '../model/plan.ts';
import type { ClientComponent, Component } from '../model/terms.ts';
import { BEHAVIOURS, type Behaviour } from './behaviours.ts';
import { CLIENT_PARAMETERS } from './parameters.ts';

/** When a component looks at a file. */
export type ReadingTime =
  /** Once, when the process starts. What happens to the file later has no effect until a restart. */
  | 'at-start'
  /** Each call opens its own connection and looks at the file anew. */
  | 'per-call'
  /** Whether it exists: once, at start. What it holds: on each handshake of one long-lived connection. */
  | 'existence-at-start';

/** Under which setting of the reader a row holds at all. */
export type Condition =
  | 'always'
  /** The reader's CA path (`*.repo.server.ca.cert.path`) is not empty. */
  | 'ca-path-set'
  /** The deprecated `--repo-server-strict-tls` is on and no CA path is set. */
  | 'strict-tls-without-ca-path';

export interface Source {
  readonly project: 'argoproj/argo-cd';
  /** File and function or line, so that the row can be read again at a later tag. */
  readonly file: string;
  readonly tag: string;
}

export interface Fact {
  readonly component: Component;
  readonly role: FileRole;
  /** Default file names below the component's mount; for `ca-path` the key in `argocd-cmd-params-cm`. */
  readonly files: readonly string[];
  readonly when: ReadingTime;
  readonly onlyIf: Condition;
  /** First release in which the row holds; `'before 3.5'` where it is older than repo-server mTLS. */
  readonly since: '3.5.0' | 'before 3.5';
  readonly behaviours: readonly Behaviour[];
  readonly source: Source;
}

const upstream = (file: string): Source => ({ project: 'argoproj/argo-cd', file, tag: 'v3.6.1' });

/** Where each client builds its connections: what makes its leaf per call or not. */
const CLIENTS: readonly {
  readonly component: ClientComponent;
  readonly leaf: ReadingTime;
  /** Whether a client exists from the first moment, so that a bad pair stops the program. */
  readonly dialsAtStart: boolean;
  readonly command: string;
}[] = [
  {
    component: 'server',
    leaf: 'per-call',
    dialsAtStart: true,
    command: 'cmd/argocd-server/commands/argocd_server.go',
  },
  {
    component: 'application-controller',
    leaf: 'per-call',
    dialsAtStart: false,
    command: 'cmd/argocd-application-controller/commands/argocd_application_controller.go',
  },
  {
    component: 'applicationset-controller',
    leaf: 'per-call',
    dialsAtStart: false,
    command: 'cmd/argocd-applicationset-controller/commands/applicationset_controller.go',
  },
  {
    component: 'notifications-controller',
    leaf: 'existence-at-start',
    dialsAtStart: true,
    command: 'cmd/argocd-notification/commands/argocd_notification.go',
  },
];

function leafBehaviours(client: (typeof CLIENTS)[number]): readonly Behaviour[] {
  if (client.leaf === 'existence-at-start') return BEHAVIOURS.leafOfLongLivedClient;
  return client.dialsAtStart ? BEHAVIOURS.leafOfServer : BEHAVIOURS.leafPerCall;
}

function clientFacts(client: (typeof CLIENTS)[number]): readonly Fact[] {
  const { component, command } = client;
  return [
    {
      component,
      role: 'client-leaf',
      files: ['client.crt', 'client.key'],
      when: client.leaf,
      onlyIf: 'always',
      since: '3.5.0',
      behaviours: leafBehaviours(client),
      source: upstream(
        'reposerver/apiclient/clientset.go (buildTLSClientConfig, getClientCertFromCache)' +
          (client.leaf === 'existence-at-start'
            ? ', util/notification/argocd/service.go (NewArgoCDService)'
            : ''),
      ),
    },
    {
      component,
      role: 'server-ca',
      files: ['server-ca.crt'],
      when: 'at-start',
      onlyIf: 'ca-path-set',
      since: '3.5.0',
      behaviours: BEHAVIOURS.serverCa,
      source: upstream(`util/tls/tls.go (AddClientTLSFlagsToCmdWithPrefix, LoadX509CertPool), ${command}`),
    },
    {
      component,
      role: 'ca-path',
      files: [CLIENT_PARAMETERS[component].caPathKey],
      when: 'at-start',
      onlyIf: 'always',
      since: '3.5.0',
      behaviours: BEHAVIOURS.caPath,
      source: upstream('util/tls/tls.go (AddClientTLSFlagsToCmdWithPrefix)'),
    },
    {
      component,
      role: 'serving',
      files: ['tls.crt', 'ca.crt'],
      when: 'at-start',
      onlyIf: 'strict-tls-without-ca-path',
      since: 'before 3.5',
      behaviours: BEHAVIOURS.strictRoots,
      source: upstream(`${command} (LoadX509CertPool of tls.crt and ca.crt)`),
    },
  ];
}

export const FACTS: readonly Fact[] = [
  {
    component: 'repo-server',
    role: 'client-ca',
    files: ['client-ca.crt'],
    when: 'at-start',
    onlyIf: 'always',
    since: '3.5.0',
    behaviours: BEHAVIOURS.clientCa,
    source: upstream('reposerver/server.go (NewServer), util/tls/tls.go (CreateServerTLSConfig)'),
  },
  {
    component: 'repo-server',
    role: 'serving',
    files: ['tls.crt', 'tls.key'],
    when: 'at-start',
    onlyIf: 'always',
    since: 'before 3.5',
    behaviours: BEHAVIOURS.serving,
    source: upstream('util/tls/tls.go (CreateServerTLSConfig)'),
  },
  ...CLIENTS.flatMap(clientFacts),
];
