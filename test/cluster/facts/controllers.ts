/**
 * application-, applicationset- and notifications-controller as the released programs, made to call repo-server by an object each.
 *
 * Their repository does not exist: repo-server's complaint about that is an answer, so that each call says whether one was got.
 */
import { Api } from '../harness/api.ts';
import { program } from '../harness/parts.ts';
import { until } from '../harness/wait.ts';
import { type Client, clientSetting, type Subject } from './client.ts';
import { freePort, type Program, start } from './process.ts';
import { NAMES, NAMESPACE } from './programs.ts';

const GROUP = `/apis/argoproj.io/v1alpha1/namespaces/${NAMESPACE}`;
const NAME = 'facts';
const REPOSITORY = 'file:///nonexistent';

const metadata = (name: string) => ({ name, namespace: NAMESPACE });
const object = (kind: string, name: string, spec: object) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind,
  metadata: metadata(name),
  spec,
});

const COMMIT = '0'.repeat(40);
const SUBSCRIPTION = { 'notifications.argoproj.io/subscribe.on-facts.facts': '' };
const notifications = {
  'trigger.on-facts': `- when: repo.GetCommitMetadata('${COMMIT}').Message != ''\n  send: [facts]\n`,
  'template.facts': 'message: never sent\n',
  'service.webhook.facts': 'url: http://127.0.0.1:1\n',
};

const application = {
  project: 'default',
  source: { repoURL: REPOSITORY, path: '.', targetRevision: 'HEAD' },
  destination: { server: 'https://kubernetes.default.svc', namespace: NAMESPACE },
};

/** The objects that make the three controllers call. */
export async function createCallers(kubeconfig: string): Promise<void> {
  const api = new Api(kubeconfig);
  const everywhere = { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] };
  await api.create(`${GROUP}/appprojects`, object('AppProject', 'default', everywhere));
  const core = `/api/v1/namespaces/${NAMESPACE}`;
  const notifying = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata('argocd-notifications-cm'),
    data: notifications,
  };
  await api.create(`${core}/configmaps`, notifying);
  await api.create(`${core}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadata('argocd-notifications-secret'),
  });
  const subscribed = { ...metadata(NAME), annotations: SUBSCRIPTION };
  await api.create(`${GROUP}/applications`, {
    ...object('Application', NAME, application),
    metadata: subscribed,
  });
  const git = { repoURL: REPOSITORY, revision: 'HEAD', directories: [{ path: '*' }] };
  await api.create(
    `${GROUP}/applicationsets`,
    object('ApplicationSet', NAME, {
      generators: [{ git }],
      template: { metadata: { name: 'never' }, spec: application },
    }),
  );
}

/** An answer is everything that repo-server said itself; what the connection said is passed on. */
const said = (message: string): string => (/code = (?!Unavailable)\w+/.test(message) ? 'answered' : message);

const annotated = (name: string, value: string) => ({ metadata: { annotations: { [name]: value } } });

interface ApplicationObject {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly message: string }[] };
}

const REFRESH = 'argocd.argoproj.io/refresh';

/** A hard refresh is a call; its outcome is written to the Application in the same write that takes the request off. */
export const realApplicationController = (kubeconfig: string): Subject => ({
  component: 'application-controller',
  running: 'Cluster successfully synced',
  launch: async (on, port, options) => {
    const api = new Api(kubeconfig);
    const path = `${GROUP}/applications/${NAME}`;
    await api.merge(path, annotated(REFRESH, 'hard'));
    const { env, args } = clientSetting('application-controller', on, port, options);
    const process = await alone(async () =>
      start(
        await program('argocd'),
        [
          ...args,
          `--kubeconfig=${kubeconfig}`,
          `--namespace=${NAMESPACE}`,
          `--metrics-port=${await freePort()}`,
          '--redis=127.0.0.1:1',
          '--repo-error-grace-period-seconds=0',
        ],
        {
          ...env,
          KUBECONFIG: kubeconfig,
          ARGOCD_FAKE_IN_CLUSTER: 'true',
          ARGOCD_BINARY_NAME: NAMES['application-controller'],
        },
      ),
    );
    return {
      process,
      call: async () => {
        await api.merge(path, annotated(REFRESH, 'hard'));
        const { status } = await until('the refresh to be over', 60, async () => {
          const seen = await api.get<ApplicationObject>(path);
          return seen.metadata.annotations?.[REFRESH] === undefined ? seen : undefined;
        });
        return said(
          status?.conditions?.find(({ type }) => type === 'ComparisonError')?.message ?? 'answered',
        );
      },
    };
  },
});

let last: Program | undefined;

/** They share one object, so that only one process may act on it. */
async function alone(started: () => Promise<Program>): Promise<Program> {
  await last?.stop();
  last = await started();
  return last;
}

/**
 * A program that looks at an object whenever it changes and writes what came of it into its log: a call is a change, its outcome the next
 * such line. The first look, right after the start, is waited for, so that it isn't mistaken for the call's.
 */
function calledByChange(process: Program, api: Api, path: string, outcome: string): Client {
  let calls = 0;
  return {
    process,
    call: async () => {
      const before = await until('the first look', 60, () =>
        process.output().includes(outcome) ? process.output().length : undefined,
      );
      calls += 1;
      await api.merge(path, annotated('mtls-rotator.test/call', `${Date.now()}-${calls}`));
      const line = await until('the outcome of a call', 60, () =>
        process
          .output()
          .slice(before)
          .split('\n')
          .slice(0, -1)
          .find((each) => each.includes(outcome)),
      );
      return said(line);
    },
  };
}

/** Its git generator asks repo-server. */
export const realApplicationSetController = (kubeconfig: string): Subject => ({
  component: 'applicationset-controller',
  running: 'Starting workers',
  launch: async (on, port, options) => {
    const { env, args } = clientSetting('applicationset-controller', on, port, options);
    const address = async () => `127.0.0.1:${await freePort()}`;
    const process = await alone(async () =>
      start(
        await program('argocd'),
        [
          ...args,
          `--kubeconfig=${kubeconfig}`,
          `--namespace=${NAMESPACE}`,
          `--metrics-addr=${await address()}`,
          `--probe-addr=${await address()}`,
          `--webhook-addr=${await address()}`,
        ],
        { ...env, KUBECONFIG: kubeconfig, ARGOCD_BINARY_NAME: NAMES['applicationset-controller'] },
      ),
    );
    const path = `${GROUP}/applicationsets/${NAME}`;
    return calledByChange(process, new Api(kubeconfig), path, 'unable to generate applications: ');
  },
});

/** Its trigger asks repo-server for a commit, over the one connection that the program holds (util/notification/argocd/service.go). */
export const realNotifications = (kubeconfig: string): Subject => ({
  component: 'notifications-controller',
  running: 'serving metrics on port',
  launch: async (on, port, options) => {
    const { env, args } = clientSetting('notifications-controller', on, port, options);
    const process = await alone(async () =>
      start(
        await program('argocd'),
        [
          ...args,
          `--kubeconfig=${kubeconfig}`,
          `--namespace=${NAMESPACE}`,
          `--metrics-port=${await freePort()}`,
        ],
        { ...env, ARGOCD_BINARY_NAME: NAMES['notifications-controller'] },
      ),
    );
    const path = `${GROUP}/applications/${NAME}`;
    return calledByChange(process, new Api(kubeconfig), path, 'failed to execute when condition: ');
  },
});
