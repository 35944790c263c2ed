/**
 * The three layouts in a row, as a team would go from one to the next: the agent publishes what the next one needs, the team applies the
 * patches that `plan` prints for its workloads, the agent takes away what nobody mounts any more. From the second on, the controller has a CA of its own.
 */
import type { Api, Secret } from '../harness/api.ts';
import { workloadReady } from '../harness/argocd.ts';
import { sleep, until } from '../harness/wait.ts';
import { KeptPair, type KeptText } from './kept-pair.ts';
import type { Change, InstanceConfig, Lane } from './lane.ts';
import { applyPatch } from './layout-patches.ts';

type Client = 'server' | 'controller' | 'applicationset' | 'notifications';

/** Option A's names, as Argo CD's documentation has them. */
const ownKeys: Readonly<Record<Client, string>> = {
  server: 'server-client',
  controller: 'controller-client',
  applicationset: 'appsetcontroller-client',
  notifications: 'notifications-client',
};

const mtls = 'argocd-repo-server-mtls';
const clients = Object.keys(ownKeys) as Client[];

interface Place {
  readonly secret: string;
  readonly certificate: string;
}

/** Option A: more keys in the one Secret. */
const keysOf = (client: Client): Place => ({
  secret: mtls,
  certificate: `${ownKeys[client]}.crt`,
});

/** Option B: a Secret for each. */
const secretOf = (client: Client): Place => ({
  secret: `${mtls}-${client}`,
  certificate: 'client.crt',
});

export const layoutChanges = (
  api: Api,
  lane: Lane,
): { prepare: () => Promise<void>; first: InstanceConfig; changes: readonly Change[] } => {
  const { namespace } = lane;
  const all = { name: 'repo-client', pair: new KeptPair('everybody') };
  const controller = { name: 'repo-controller', pair: new KeptPair('controller') };
  const write = (name: string, { certificate, key, ca }: KeptText): Promise<unknown> =>
    api.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace },
      stringData: { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': ca },
    });
  const shared = { clients: { default: { secret: { name: all.name } } } };
  const apart = (type: 'keys' | 'secrets') => ({
    layout: { type },
    clients: { ...shared.clients, controller: { secret: { name: controller.name } } },
  });
  const holds = async ({ secret, certificate }: Place): Promise<boolean> => {
    const found = await api.find<Secret>(`/api/v1/namespaces/${namespace}/secrets/${secret}`);
    return found?.data?.[certificate] !== undefined;
  };
  /** The agent's part, the kubelet's, and then the team's. */
  const move = async (type: 'keys' | 'secrets', to: (client: Client) => Place): Promise<void> => {
    await lane.configure(apart(type));
    // All of it: repo-server lets in what the pairs are signed by, which is the agent's to see to.
    await until(`the pairs of layout ${type} to be published and trusted`, 300, async () => {
      for (const client of clients) if (!(await holds(to(client)))) return undefined;
      return (await lane.isIdle()) ? true : undefined;
    });
    // A new pod's mount comes out of the kubelet's cache.
    await sleep(12_000);
    const printed = await moves();
    if (printed.length !== clients.length) throw new Error(`${printed.length} patches are printed`);
    for (const patch of printed) await workloadReady(api, namespace, await applyPatch(api, namespace, patch));
  };
  /** The patches that `plan` prints for workloads that read another layout's places. */
  const moves = async (): Promise<readonly string[]> =>
    (await lane.findings()).flatMap(({ code, patch }) =>
      code === 'other-layout' && patch !== undefined ? [patch] : [],
    );
  const none = async (from: (client: Client) => Place): Promise<boolean> => {
    for (const client of clients) if (await holds(from(client))) return false;
    return (await moves()).length === 0;
  };
  const before = (): Place => ({ secret: mtls, certificate: 'client.crt' });
  const rotations = (layout: string): Change[] => [
    {
      change: `layout ${layout}: leaf of the controller renewed`,
      trigger: () => write(controller.name, controller.pair.renew()),
      seconds: 420,
    },
    {
      change: `layout ${layout}: CA of the controller replaced`,
      trigger: () => write(controller.name, controller.pair.replace()),
      seconds: 420,
    },
  ];
  return {
    prepare: async () => {
      await write(all.name, all.pair.text);
      await write(controller.name, controller.pair.text);
    },
    first: shared,
    changes: [
      { change: 'layout shared: mTLS enabled', trigger: () => lane.configure(shared), seconds: 420 },
      {
        change: 'layout keys: taken up in place of shared',
        trigger: () => move('keys', keysOf),
        seconds: 600,
        isDone: () => none(before),
      },
      ...rotations('keys'),
      {
        change: 'layout secrets: taken up in place of keys',
        trigger: () => move('secrets', secretOf),
        seconds: 600,
        isDone: () => none(keysOf),
      },
      ...rotations('secrets'),
    ],
  };
};
