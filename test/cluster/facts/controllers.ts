/**
 * application- and applicationset-controller as the released programs, made to call repo-server by an object each.
 *
 * Their repository does not exist: repo-server's complaint about that is an answer, so that each call says whether one was got.
 */
import { Api } from '../harness/api.ts';
import { program } from '../harness/parts.ts';
import { until } from '../harness/wait.ts';
import { clientSetting, type Subject } from './client.ts';
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

const application = {
  project: 'default',
  source: { repoURL: REPOSITORY, path: '.', targetRevision: 'HEAD' },
  destination: { server: 'https://kubernetes.default.svc', namespace: NAMESPACE },
};

/** The objects that make the two controllers call. */
export async function createCallers(kubeconfig: string): Promise<void> {
  const api = new Api(kubeconfig);
  const everywhere = { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] };
  await api.create(`${GROUP}/appprojects`, object('AppProject', 'default', everywhere));
  await api.create(`${GROUP}/applications`, object('Application', NAME, application));
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

const FAILED = 'unable to generate applications: ';

/** Every change of the ApplicationSet makes its git generator ask repo-server; what came of it is in the controller's log. */
export const realApplicationSetController = (kubeconfig: string): Subject => ({
  component: 'applicationset-controller',
  running: 'Starting workers',
  launch: async (on, port, options) => {
    const api = new Api(kubeconfig);
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
    let calls = 0;
    return {
      process,
      call: async () => {
        // Also the first look at the object is a call, and its outcome may still be on its way.
        const before = await until('the first call', 60, () =>
          process.output().split(FAILED).length > 1 ? process.output().length : undefined,
        );
        calls += 1;
        await api.merge(
          `${GROUP}/applicationsets/${NAME}`,
          annotated('mtls-rotator.test/call', `${Date.now()}-${calls}`),
        );
        const line = await until('the generator to be done', 60, () =>
          process
            .output()
            .slice(before)
            .split('\n')
            .slice(0, -1)
            .find((each) => each.includes(FAILED)),
        );
        return said(line);
      },
    };
  },
});
