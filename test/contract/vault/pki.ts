import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { admit } from '../../../agent/admission/admit.ts';
import type { SourceReading } from '../../../agent/model/material.ts';
import { VAULT_KEYS, type VaultAuth } from '../../../agent/model/vault-spec.ts';
import {
  addIntermediate,
  createVaultCa,
  createVaultRole,
  type VaultIssuer,
} from '../../cluster/harness/vault-pki.ts';
import { VaultBench, wanting } from '../../kit/vault/bench.ts';
import { PKI_POLICY, type WorldOf } from './world.ts';

const HOUR = 3_600_000;

/** What admission makes of a reading. */
export const admitted = (
  reading: SourceReading,
  bench: VaultBench,
  purpose: 'client' | 'serving' = 'client',
  dialled: readonly string[] = [],
) => {
  if (reading.state !== 'ready') throw new Error(`not ready: ${JSON.stringify(reading)}`);
  const admission = admit(reading.raw, purpose, bench.clock.now(), { dialledNames: dialled });
  if ('refusal' in admission) throw new Error(`${admission.refusal.code}: ${admission.refusal.what}`);
  return admission.material;
};

export const pkiSentences = (worldOf: WorldOf): void => {
  let bench: VaultBench;
  let root: VaultIssuer;
  let login: () => VaultAuth;

  beforeAll(async () => {
    const { admin } = worldOf();
    root = await createVaultCa(admin, 'pki');
    await createVaultRole(admin, 'pki', 'client', { key_type: 'any', key_bits: 0 });
    await admin.policy('pki-client', PKI_POLICY('pki', 'client'));
    const token = await admin.createToken(['pki-client']);
    login = () => bench.withToken(token);
  });
  const open = () => {
    bench = new VaultBench(worldOf());
    return bench;
  };
  afterEach(() => bench.close());

  test('nothing is issued by looking: where nothing is published, that is due', async () => {
    const source = open().pki(login());
    expect(await source.read(wanting())).toMatchObject({
      state: 'waiting',
      due: { why: 'nothing was issued yet', urgency: 'routine' },
    });
    expect(bench.cluster.applied).toEqual([]);
  });

  test.each(VAULT_KEYS)(
    'a key of the kind %s, made here, is signed, and the pair is one that may be published',
    async (key) => {
      const source = open().pki(login(), { key });
      await source.issue?.('first', wanting());
      const reading = await source.read(wanting());
      const { leaf, anchors } = admitted(reading, bench);
      expect(leaf.certificate.subject).toBe('CN=argocd-client');
      expect(anchors.map(({ pem }) => pem.trim())).toEqual([root.certificate]);
      expect(reading).toMatchObject({ pendingSecret: 'argocd-mtls-rotator-pending-default' });
      expect(reading).not.toHaveProperty('due');
      expect(bench.cluster.applied).toHaveLength(1);
    },
  );

  test('a key that Vault makes is taken as well', async () => {
    const { admin } = worldOf();
    await createVaultRole(admin, 'pki', 'made-there');
    await admin.policy('pki-made-there', PKI_POLICY('pki', 'made-there'));
    const token = await admin.createToken(['pki-made-there']);
    const source = open().pki(bench.withToken(token), { role: 'made-there', method: 'issue' });
    await source.issue?.('first', wanting());
    admitted(await source.read(wanting()), bench);
  });

  test('a serving certificate carries the dialled names, those that are configured, and addresses', async () => {
    const source = open().pki(login(), { altNames: ['repo.example.org'], commonName: undefined }, 'serving');
    const names = ['argocd-repo-server', 'argocd-repo-server.argocd.svc', '10.0.0.7', 'fd00::7:1'];
    const request = wanting(undefined, names);
    await source.issue?.('first', request);
    const { leaf } = admitted(await source.read(request), bench, 'serving', names);
    expect(leaf.certificate.dnsNames.toSorted()).toEqual([
      'argocd-repo-server',
      'argocd-repo-server.argocd.svc',
      'repo.example.org',
    ]);
    expect(leaf.certificate.ipAddresses).toHaveLength(2);
    expect(leaf.certificate.subject).toBe('CN=argocd-repo-server');
  });

  test('an issuer below a root: the leaf comes with the issuer, the root is what has to be trusted', async () => {
    const { admin } = worldOf();
    await addIntermediate(admin, 'pki-below', 'pki');
    await createVaultRole(admin, 'pki-below', 'client');
    await admin.policy('pki-below', PKI_POLICY('pki-below', 'client'));
    const token = await admin.createToken(['pki-below']);
    const source = open().pki(bench.withToken(token), { mount: 'pki-below' });
    const published = await bench.obtain(source);
    const reading = await source.read(wanting(published));
    const { leaf, anchors } = admitted(reading, bench);
    expect(leaf.intermediates.map(({ subject }) => subject)).toEqual(['CN=pki-below intermediate']);
    expect(anchors.map(({ pem }) => pem.trim())).toEqual([root.certificate]);
    expect(reading).toMatchObject({ due: undefined });
  });

  test('the lifetime is the one that is asked for, and what is published falls due within it, urgently at its end', async () => {
    const source = open().pki(login(), { ttl: 10 * HOUR });
    const published = await bench.obtain(source);
    const due = async (hours: number) => {
      bench.clock.advance(hours * HOUR);
      const reading = await source.read(wanting(published));
      return reading.state === 'ready' ? reading.due?.urgency : reading.state;
    };
    expect([await due(0), await due(6), await due(0.7), await due(2.5)]).toEqual([
      undefined,
      undefined,
      'routine',
      'urgent',
    ]);
  });

  test('a name that the role does not allow is refused by Vault, in its own words, and nothing is written', async () => {
    const { admin } = worldOf();
    await createVaultRole(admin, 'pki', 'narrow', {
      allow_any_name: false,
      allowed_domains: ['example.org'],
    });
    await admin.policy('pki-narrow', PKI_POLICY('pki', 'narrow'));
    const token = await admin.createToken(['pki-narrow']);
    const source = open().pki(bench.withToken(token), { role: 'narrow' });
    await expect(source.issue?.('first', wanting())).rejects.toMatchObject({
      kind: 'refused',
      problem: 'invalid',
      what: expect.stringMatching(/pki\/sign\/narrow \(status 400\).*argocd-client/),
    });
    expect(bench.cluster.applied).toEqual([]);
  });

  test('a policy that lacks the signing is named by path and capability', async () => {
    const { admin } = worldOf();
    const token = await admin.createToken(['default']);
    const source = open().pki(bench.withToken(token));
    await expect(source.issue?.('first', wanting())).rejects.toMatchObject({
      problem: 'forbidden',
      next: 'Grant the capability "update" on path "pki/sign/client" in a policy of the agent\'s login.',
    });
  });

  test('a mount, a role or an issuer that is not there is waited for and named', async () => {
    const { admin } = worldOf();
    await admin.policy('pki-anywhere', { '+/*': ['read', 'list', 'update'] });
    const token = await admin.createToken(['pki-anywhere']);
    open();
    const auth = bench.withToken(token);
    const said = async (over: Parameters<VaultBench['pki']>[1]) => {
      const reading = await bench.pki(auth, over).read(wanting());
      return reading.state === 'waiting' || reading.state === 'unreachable' ? reading.why : reading.state;
    };
    expect(await said({ mount: 'pki-nowhere' })).toContain('pki-nowhere/roles/client');
    expect(await said({ role: 'nobody' })).toContain('pki/roles/nobody');
    expect(await said({ issuer: 'unheard-of' })).toContain('pki/issuer/unheard-of/json');
  });
};
