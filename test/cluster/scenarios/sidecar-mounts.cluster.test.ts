/**
 * The sidecar on mounts as the kubelet makes them, good and bad: what is wrong is named, Argo CD is not started on half of it,
 * and what was there before is still read.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ClusterUnderTest, clusterUnderTest } from '../harness/cluster-under-test.ts';
import { sleep, until } from '../harness/wait.ts';
import { KeptPair, type KeptText } from './kept-pair.ts';
import { type Badness, SidecarPod } from './sidecar-pod.ts';

const MINUTE = 60_000;
const NS = 'sidecar-mounts';
const SECRET = 'repo-client';

let cluster: ClusterUnderTest;
let image: string;
const pair = new KeptPair('mounts');

const publish = async ({ certificate, key, ca }: KeptText): Promise<KeptText> => {
  await cluster.api.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: SECRET, namespace: NS },
    stringData: { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': ca },
  });
  return { certificate, key, ca };
};

const started = async (name: string, badness: Badness = {}): Promise<SidecarPod> => {
  const pod = new SidecarPod(cluster.api, NS, name);
  await pod.start(image, SECRET, badness);
  return pod;
};

const says = async (pod: SidecarPod, words: RegExp): Promise<void> => {
  await until(
    `${pod.name} to say ${words}`,
    90,
    async () => (words.test(await pod.logs()) ? true : undefined),
    1_000,
  );
};

beforeAll(async () => {
  cluster = clusterUnderTest();
  image = await cluster.node.agentImage();
  await cluster.api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NS } });
  await until('the namespace to have what pods need', 60, async () =>
    (await cluster.api.find(`/api/v1/namespaces/${NS}/serviceaccounts/default`)) !== undefined &&
    (await cluster.api.find(`/api/v1/namespaces/${NS}/configmaps/kube-root-ca.crt`)) !== undefined
      ? true
      : undefined,
  );
  await publish(pair.text);
}, 5 * MINUTE);

afterAll(async () => {
  await cluster.api.remove(`/api/v1/namespaces/${NS}`);
}, MINUTE);

test(
  'files are there before Argo CD’s container starts, and its user reads them; a full disk later leaves the old ones',
  async () => {
    const pod = await started('good');
    await until('the reader to run', 90, async () => ((await pod.readerRuns()) ? true : undefined));
    const before = pair.text;
    expect(await pod.read('client.crt')).toBe(before.certificate);
    expect(await pod.read('client.key')).toBe(before.key);
    expect((await pod.asReader('id', '-u')).trim()).toBe('999');

    await pod.asReader('sh', '-c', `cat /dev/zero > ${pod.directory('filler')} || true`);
    const after = await publish(pair.renew());
    await says(pod, /no space left/);
    expect(await pod.read('client.crt')).toBe(before.certificate);
    expect(await pod.read('client.key')).toBe(before.key);

    await pod.asReader('rm', pod.directory('filler'));
    await until('the renewed leaf to be read', 90, async () =>
      (await pod.read('client.crt')) === after.certificate ? true : undefined,
    );
    expect(await pod.read('client.key')).toBe(after.key);
  },
  5 * MINUTE,
);

test.each<[string, Badness, RegExp]>([
  ['has no space for the files', { sizeLimit: '4Ki' }, /no space left/],
  ['is read-only', { outputReadOnly: true }, /read-only/],
  ['gets a source that it may not read', { sourceMode: 0o400 }, /EACCES|permission|may not (be )?read/i],
])(
  'a sidecar whose mount %s says so, writes nothing, and Argo CD’s container is not started',
  async (words, badness, said) => {
    const pod = await started(words.replaceAll(/[^a-z]+/g, '-'), badness);
    await says(pod, said);
    await sleep(3_000);
    expect(await pod.readerRuns()).toBe(false);
    expect(await pod.files()).toEqual([]);
    expect(await pod.logs()).not.toContain('PRIVATE KEY');
  },
  3 * MINUTE,
);
