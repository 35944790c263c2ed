/**
 * Marked keys and passwords go through sources, changes, refusals and deaths; whatever the agent lets out is searched for them.
 *
 * **Invariant:** what is searched is what was told before anything was scrubbed, too: the last look is not what keeps keys in.
 */
import { afterEach, expect, test } from '@jest/globals';
import { renderPlan } from '../../agent/cli/render-plan.ts';
import type { PairPlace } from '../../agent/model/object-spec.ts';
import type { SourceSpec } from '../../agent/model/settings.ts';
import { clusterOf, type Texts, telemetryOf } from '../kit/all-told.ts';
import { Canaries } from '../kit/canaries.ts';
import { Installation, Killed } from '../kit/installation/index.ts';
import { type Identity, keyPem, makeCa, makeKey, makeLeaf, replaceCa, USAGE } from '../kit/pki/index.ts';
import { writePkcs12 } from '../kit/pki/pkcs12.ts';

const PASSWORD = 'correct horse battery staple';
const PLACE: PairPlace = { fields: {}, pkcs12: undefined, ca: undefined };
const PEM: SourceSpec = { type: 'secret', name: 'mine', ...PLACE };
const PKCS12: SourceSpec = {
  ...PEM,
  ...PLACE,
  pkcs12: { key: 'keystore.p12', password: { secret: 'pass', key: 'password' } },
};

let installation: Installation;
const canaries = new Canaries();
const texts: Record<string, string> = {};
afterEach(async () => {
  await installation.close();
});

const put = (name: string, data: Readonly<Record<string, string | Uint8Array>>): void =>
  void installation.api.objects.put({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'argocd' },
    type: 'Opaque',
    data: Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    ),
  });

const ca = makeCa({ name: 'Marked CA' });
const marked = (name: string, issuer = ca): Identity => {
  const leaf = makeLeaf(issuer, { name: 'repo-client', usages: [USAGE.client] });
  canaries.key(`the key of ${name}`, leaf.key);
  return leaf;
};

/** What an agent does with this source until it rests, is held, dies or gives up; what it threw is searched as well. */
const run = async (what: string, spec: SourceSpec): Promise<readonly string[]> => {
  const agent = installation.agent({ clients: { default: spec, byComponent: {} } });
  try {
    return await agent.run({ turns: 60 });
  } catch (error) {
    if (error instanceof Killed) return ['killed'];
    texts[`the error of ${what}`] =
      error instanceof Error ? `${error.message}\n${error.stack}\n${JSON.stringify(error)}` : String(error);
    return ['gave up'];
  }
};

const planText = async (spec: SourceSpec): Promise<string> => {
  const agent = installation.agent({ clients: { default: spec, byComponent: {} } });
  const plan = await agent.rotation.plan();
  return `${renderPlan(plan, installation.settings)}\n${JSON.stringify(plan)}`;
};

const found = (everything: Texts): readonly string[] =>
  Object.entries(everything).flatMap(([where, text]) => canaries.foundIn(where, text));

test('no key and no password is in a log line at any level, a span, a metric, an Event, the journal, an object, a plan or an error', async () => {
  installation = await Installation.start();
  canaries.word('the password of the PKCS#12', PASSWORD);
  const [first, second, third] = [marked('the first leaf'), marked('the second leaf'), replaceCa(ca)];
  canaries.key('the key of the CA', ca.key);
  canaries.key('the key of the new CA', third.key);

  // Enabled, killed at its first write and after it.
  put('mine', { 'all.pem': first.keyPem + first.chainPem + ca.pem });
  for (const phase of ['before', 'after'] as const) {
    let died = false;
    installation.onWrite = (at, { resource }) => {
      if (died || at !== phase || resource !== 'secrets') return undefined;
      died = true;
      return 'kill';
    };
    expect(await run(`a death ${phase} a write`, PEM)).toEqual(['killed']);
  }
  installation.onWrite = undefined;
  expect(await run('enabling', PEM)).toContain('prove');

  // A leaf renewed, out of a PKCS#12; then a new CA, so that the previous leaf is kept for its proof.
  put('pass', { password: PASSWORD });
  put('mine', { 'keystore.p12': writePkcs12([second.key], [second.der, ca.der], { password: PASSWORD }) });
  expect(await run('a renewal', PKCS12)).toContain('wait');
  const last = marked('the last leaf', third);
  put('mine', { 'all.pem': last.keyPem + last.chainPem + third.pem });
  texts['the plan of a new CA'] = await planText(PEM);
  expect(await run('a new CA', PEM)).toContain('prove');

  // Everything that is refused, each with a key of its own.
  const stray = makeKey('rsa-2048', 'stray');
  canaries.key('a stray key', stray);
  const encrypted = last.key.privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSWORD })
    .toString();
  const refused: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ["another certificate's key", { 'tls.crt': last.pem, 'tls.key': keyPem(stray), 'ca.crt': third.pem }],
    ['an encrypted key', { 'tls.crt': last.pem, 'tls.key': encrypted, 'ca.crt': third.pem }],
    ['two keys', { 'tls.crt': last.pem, 'tls.key': last.keyPem + keyPem(stray), 'ca.crt': third.pem }],
    [
      'a key that is cut off',
      { 'tls.crt': last.pem, 'tls.key': last.keyPem.slice(0, 150), 'ca.crt': third.pem },
    ],
    [
      'a key in the place of the CA',
      { 'tls.crt': last.pem, 'tls.key': last.keyPem, 'ca.crt': keyPem(stray) },
    ],
    [
      'a key in the place of the certificate',
      { 'tls.crt': keyPem(stray), 'tls.key': last.keyPem, 'ca.crt': third.pem },
    ],
    ['a key under a name of nobody', { [`x${'y'.repeat(20)}`]: keyPem(stray) }],
    [
      'a key without its first line',
      { 'tls.crt': last.pem, 'tls.key': keyPem(stray).replace(/^.*\n/, ''), 'ca.crt': third.pem },
    ],
  ];
  for (const [what, data] of refused) {
    put('mine', data);
    installation.clock.advance(5 * 60_000);
    expect((await run(what, PEM)).at(-1)).toMatch(/^held /);
    texts[`the plan with ${what}`] = await planText(PEM);
  }
  put('mine', { 'keystore.p12': writePkcs12([last.key], [last.der], { password: 'another password' }) });
  await run('a wrong password', PKCS12);

  const everything = {
    ...texts,
    ...clusterOf(installation),
    ...(await telemetryOf(installation.happenings)),
  };
  expect(canaries.size).toBe(7);
  for (const where of [
    'the log at trace',
    'spans',
    'happenings',
    'ConfigMap objects',
    'the plan of a new CA',
  ])
    expect(everything[where]?.length).toBeGreaterThan(200);
  expect(found(everything)).toEqual([]);
  // Where keys belong they are, so that the search would have found them.
  expect(found({ Secrets: JSON.stringify(installation.api.objects.list('Secret', 'argocd')) })).toContain(
    'Secrets holds the key of the last leaf',
  );
}, 120_000);
