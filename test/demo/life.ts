/**
 * The life that the demonstration shows: enabled, renewed, its CA replaced with a kill in between, and the same change done the usual way.
 *
 * **Invariant:** every number printed was counted while it ran; none is written here.
 */
import type { Happening } from '../../agent/model/happening.ts';
import { COMPONENTS } from '../../agent/model/terms.ts';
import { type Agent, Installation, issue, Killed, MINUTE } from '../kit/installation/index.ts';
import { type Authority, type Identity, makeCa, replaceCa } from '../kit/pki/index.ts';
import type { Screen } from './screen.ts';

const NAMESPACE = 'argocd';
const CERTIFICATE = 'repo-client';
const MTLS_SECRET = 'argocd-repo-server-mtls';

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

export interface Count {
  readonly calls: number;
  readonly failed: number;
  readonly restarts: number;
}

export interface Result {
  readonly rotated: Count;
  readonly usual: Count;
  /** Of each rotation that ended: whether it succeeded and was proved. */
  readonly proved: readonly boolean[];
}

const restartWords = (restarts: Readonly<Record<string, number>>): string =>
  Object.entries(restarts)
    .map(([workload, times]) => `${workload} ${times}`)
    .join(', ') || 'nothing';

const sum = (restarts: Readonly<Record<string, number>>): number =>
  Object.values(restarts).reduce((total, times) => total + times, 0);

/** A failed call without OpenSSL's own words around the alert. */
const inShort = (failure: string): string =>
  failure.replace(/: tls, .*?alert ([a-z ]+)[\s\S]*$/, ': TLS alert "$1"');

/** Counts one chapter. */
class Meter {
  readonly #installation: Installation;
  #calls = 0;
  #failed = 0;
  #writes = 0;

  constructor(installation: Installation) {
    this.#installation = installation;
    this.#mark();
  }

  #mark(): void {
    const { traffic, api } = this.#installation;
    this.#calls = traffic.calls;
    this.#failed = traffic.failed.length;
    this.#writes = api.writes.length;
  }

  /** What was made since the last time. */
  take(screen: Screen): void {
    const { traffic } = this.#installation;
    const failed = traffic.failed.length - this.#failed;
    const restarts = this.#installation.restarts(this.#writes);
    screen.tally(
      failed === 0,
      `${traffic.calls - this.#calls} calls made, ${failed} failed; restarted: ${restartWords(restarts)}`,
    );
    this.#mark();
  }
}

/** Runs an agent, telling what it does as it does it. */
const work = async (
  screen: Screen,
  installation: Installation,
  agent: Agent,
): Promise<readonly Happening[]> => {
  const from = installation.happenings.length;
  let told = from;
  const tell = () => {
    for (; told < installation.happenings.length; told += 1) {
      const happening = installation.happenings[told];
      if (happening !== undefined) screen.tell(happening);
    }
  };
  try {
    await agent.run({ beforeTurn: tell });
  } finally {
    tell();
  }
  return installation.happenings.slice(from);
};

const wasProved = (happenings: readonly Happening[]): boolean =>
  happenings.some(
    (happening) =>
      happening.type === 'rotation-ended' &&
      happening.rotation.result === 'succeeded' &&
      happening.rotation.proof === 'taken',
  );

/** By the agent: enabled, leaf renewed, client CA replaced with a kill half-way. */
const rotated = async (screen: Screen): Promise<{ count: Count; proved: readonly boolean[] }> => {
  const installation = await Installation.start({ repoServers: 2 });
  try {
    const { api, clock, traffic } = installation;
    const meter = new Meter(installation);
    const proved: boolean[] = [];
    const names = new Map([
      ['nobody', 'no certificate'],
      ['stranger', "a stranger's"],
    ]);
    let present: string | undefined;
    const ca = makeCa();
    const deliver = (authority: Authority, name: string): Identity => {
      if (present !== undefined) names.set(present, 'the old leaf');
      const identity = issue(api, NAMESPACE, CERTIFICATE, authority, 'client');
      present = identity.certificate.fingerprint;
      names.set(present, name);
      return identity;
    };

    screen.chapter(
      'mTLS is enabled',
      'cert-manager has issued a client certificate. No repo-server asks for one yet, no client shows one.',
      clock.now(),
    );
    deliver(ca, 'the leaf');
    const enabled = await work(screen, installation, installation.agent());
    screen.proof(enabled, installation.podNames('repo-server'), names);
    proved.push(wasProved(enabled));
    meter.take(screen);

    await installation.pass(30 * MINUTE);
    screen.chapter(
      'The leaf is renewed under the same CA',
      'Clients read it again on every call, and every repo-server lets it in already.',
      clock.now(),
    );
    deliver(ca, 'the new leaf');
    const renewed = await work(screen, installation, installation.agent());
    screen.proof(renewed, installation.podNames('repo-server'), names);
    proved.push(wasProved(renewed));
    meter.take(screen);

    await installation.pass(30 * MINUTE);
    screen.chapter(
      'The client CA is replaced, and the agent is killed half-way',
      'Another key, another certificate, the same subject. Neither side must ever meet what it does not know.',
      clock.now(),
    );
    deliver(replaceCa(ca), 'the new leaf');
    let writes = 0;
    installation.onWrite = (phase, request) => {
      if (phase !== 'after' || request.name !== MTLS_SECRET) return undefined;
      writes += 1;
      return writes === 2 ? 'kill' : undefined;
    };
    const from = installation.happenings.length;
    try {
      await work(screen, installation, installation.agent());
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      screen.event(
        clock.now(),
        'KILLED',
        'the new leaf is written; the agent got no answer and remembers nothing',
      );
    }
    installation.onWrite = undefined;
    await installation.pass(MINUTE);
    screen.event(clock.now(), 'new agent', 'starts a minute later, Argo CD calling all along');
    await work(screen, installation, installation.agent());
    const replaced = installation.happenings.slice(from);
    screen.proof(replaced, installation.podNames('repo-server'), names);
    proved.push(wasProved(replaced));
    meter.take(screen);

    return {
      proved,
      count: { calls: traffic.calls, failed: traffic.failed.length, restarts: sum(installation.restarts()) },
    };
  } finally {
    await installation.close();
  }
};

/** The Secret written in one go, then every workload restarted: what a tool does that knows no order. */
const usual = async (screen: Screen): Promise<Count> => {
  const installation = await Installation.start({ repoServers: 2 });
  try {
    const { api, clock, traffic } = installation;
    const ca = makeCa();
    issue(api, NAMESPACE, CERTIFICATE, ca, 'client');
    await installation.agent().run();
    screen.chapter(
      'The same change without an order, for comparison',
      'Another Argo CD: the Secret is overwritten with the new CA and leaf, then every workload is restarted at once.',
      clock.now(),
    );
    const before = { calls: traffic.calls, failed: traffic.failed.length };
    const next = replaceCa(ca);
    const identity = issue(api, NAMESPACE, CERTIFICATE, next, 'client');
    api.objects.apply(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: MTLS_SECRET, namespace: NAMESPACE },
        data: {
          'client-ca.crt': base64(next.pem),
          'client.crt': base64(identity.chainPem),
          'client.key': base64(identity.keyPem),
        },
      },
      'somebody',
      true,
    );
    installation.site().note();
    screen.event(clock.now(), 'publish', 'new CA and new leaf in one write');
    let restarts = 0;
    for (const component of COMPONENTS) {
      const kind = component === 'application-controller' ? 'StatefulSet' : 'Deployment';
      const name = `argocd-${component}`;
      if (api.objects.get(kind, NAMESPACE, name) === undefined) continue;
      api.objects.apply(
        {
          apiVersion: 'apps/v1',
          kind,
          metadata: { name, namespace: NAMESPACE },
          spec: {
            template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } },
          },
        },
        'somebody',
        true,
      );
      restarts += 1;
    }
    screen.event(clock.now(), 'restart', `${restarts} workloads at once`);
    for (let step = 0; step < 20; step += 1) await installation.pass(6_000);
    const count = {
      calls: traffic.calls - before.calls,
      failed: traffic.failed.length - before.failed,
      restarts,
    };
    const [example] = traffic.failed.slice(before.failed);
    screen.tally(
      count.failed === 0,
      `${count.calls} calls made, ${count.failed} failed; restarted: every workload once`,
    );
    if (example !== undefined) screen.entry('   one', inShort(example));
    return count;
  } finally {
    await installation.close();
  }
};

export const showLife = async (screen: Screen): Promise<Result> => {
  const first = await rotated(screen);
  return { rotated: first.count, proved: first.proved, usual: await usual(screen) };
};
