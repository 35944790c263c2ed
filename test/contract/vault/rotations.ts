import { afterEach, beforeAll, expect, test } from '@jest/globals';
import type { VaultAuth } from '../../../agent/model/vault-spec.ts';
import type { Source } from '../../../integrations/source.ts';
import {
  addRoot,
  createVaultCa,
  createVaultRole,
  renewDefaultIssuer,
  replaceDefaultIssuer,
} from '../../cluster/harness/vault-pki.ts';
import { VaultBench, wanting } from '../../kit/vault/bench.ts';
import { admitted } from './pki.ts';
import { PKI_POLICY, type WorldOf } from './world.ts';

let mounts = 0;

export const rotationSentences = (worldOf: WorldOf): void => {
  let bench: VaultBench;
  let token: string;
  const login = (): VaultAuth => bench.withToken(token);

  beforeAll(async () => {
    await worldOf().admin.policy('pki-rotated', PKI_POLICY('+', 'client'));
    token = await worldOf().admin.createToken(['pki-rotated']);
  });
  afterEach(() => bench.close());

  /** A mount of its own with a role, and a bench. */
  const open = async () => {
    const { admin } = worldOf();
    mounts += 1;
    const mount = `pki-rotated-${mounts}`;
    const root = await createVaultCa(admin, mount, { commonName: 'Rotated' });
    await createVaultRole(admin, mount, 'client');
    bench = new VaultBench(worldOf());
    return { admin, mount, root };
  };
  const dueOf = async (source: Source, ...request: Parameters<typeof wanting>) => {
    const reading = await source.read(wanting(...request));
    return reading.state === 'ready' ? reading.due : reading.state;
  };

  test('another default issuer makes a new leaf due, once the poll is over; until it is issued the goal stays as it is', async () => {
    const { admin, mount, root } = await open();
    const source = bench.pki(login(), { mount });
    const published = await bench.obtain(source);
    const next = await replaceDefaultIssuer(admin, mount, { commonName: 'Rotated' });
    expect(await dueOf(source, published)).toBeUndefined();
    bench.clock.advance(60_000);
    const reading = await source.read(wanting(published));
    expect(reading).toMatchObject({ due: { why: 'the issuer is another CA now: CN=Rotated' } });
    expect(admitted(reading, bench).anchors.map(({ pem }) => pem.trim())).toEqual([root.certificate]);
    await source.issue?.('CA', wanting(published));
    const renewed = await source.read(wanting(published));
    expect(admitted(renewed, bench).anchors.map(({ pem }) => pem.trim())).toEqual([next.certificate]);
    const now = bench.publish(renewed);
    expect(await dueOf(source, now)).toBeUndefined();
  });

  test('an issuer renewed with its key vouches for the leafs that are there: its new certificate has to be trusted, no leaf is due', async () => {
    const { admin, mount } = await open();
    const source = bench.pki(login(), { mount });
    const published = await bench.obtain(source);
    const renewed = await renewDefaultIssuer(admin, mount);
    bench.clock.advance(60_000);
    const reading = await source.read(wanting(published));
    expect(reading).toMatchObject({ due: undefined });
    expect(admitted(reading, bench).anchors.map(({ pem }) => pem.trim())).toEqual([renewed.certificate]);
  });

  test('a source that names its issuer does not follow the default', async () => {
    const { admin, mount } = await open();
    await addRoot(admin, mount, { commonName: 'Beside', name: 'beside' });
    const source = bench.pki(login(), { mount, issuer: 'beside' });
    const published = await bench.obtain(source);
    await replaceDefaultIssuer(admin, mount);
    bench.clock.advance(60_000);
    const reading = await source.read(wanting(published));
    expect(reading).toMatchObject({ due: undefined });
    expect(admitted(reading, bench).anchors.map(({ subject }) => subject)).toEqual(['CN=Beside']);
  });

  test('a role that names its issuer is followed, not the default', async () => {
    const { admin, mount } = await open();
    const beside = await addRoot(admin, mount, { commonName: 'Beside' });
    await createVaultRole(admin, mount, 'client', { issuer_ref: beside.id });
    const source = bench.pki(login(), { mount });
    const published = await bench.obtain(source);
    expect(await dueOf(source, published)).toBeUndefined();
  });

  test('a role that may not be read and follows another issuer does not make leafs fall due again and again', async () => {
    const { admin, mount } = await open();
    const beside = await addRoot(admin, mount, { commonName: 'Beside' });
    await createVaultRole(admin, mount, 'client', { issuer_ref: beside.id });
    await admin.policy('pki-sign-only', { [`${mount}/sign/client`]: ['update'] });
    const source = bench.pki(bench.withToken(await admin.createToken(['pki-sign-only'])), { mount });
    const published = await bench.obtain(source);
    bench.clock.advance(60_000);
    expect(await dueOf(source, published)).toBeUndefined();
  });

  test('what another CA issued is not taken for the mount’s own, whatever the names say', async () => {
    const { admin, mount } = await open();
    const elsewhere = `${mount}-elsewhere`;
    await createVaultCa(admin, elsewhere, { commonName: 'Rotated' });
    await createVaultRole(admin, elsewhere, 'client');
    const foreign = await bench.obtain(bench.pki(login(), { mount: elsewhere }));
    expect(await bench.pki(login(), { mount }).read(wanting(foreign))).toMatchObject({
      state: 'waiting',
      due: { why: `what is published was not issued by the mount ${mount}` },
    });
  });

  test('a serving certificate that lacks a name which is dialled by now is due', async () => {
    const { mount } = await open();
    const source = bench.pki(login(), { mount }, 'serving');
    const published = await bench.obtain(source, wanting(undefined, ['argocd-repo-server']));
    expect(await dueOf(source, published, ['argocd-repo-server'])).toBeUndefined();
    expect(await dueOf(source, published, ['argocd-repo-server', 'repo.example.org'])).toMatchObject({
      why: 'the leaf lacks the name repo.example.org',
    });
  });
};
