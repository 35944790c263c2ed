/**
 * Objects that `migrate` makes for its user: made where nothing is, rehearsed without a trace, deleted by uid.
 *
 * **Invariant:** every sentence has objects of its own.
 */
import { expect, test } from '@jest/globals';
import type { OwnObjectIntent } from '../../agent/ports.ts';
import type { WorldOf } from './describe.ts';
import { failureOf, present } from './help.ts';

export const ownObjectSentences = (worldOf: WorldOf): void => {
  const intent = (name: string, over: Partial<OwnObjectIntent> = {}): OwnObjectIntent => {
    const { namespace } = worldOf();
    const place = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name };
    const { apiVersion, kind } = place;
    const metadata = { name, namespace, annotations: { 'x.dev/mark': 'mine' } };
    return { ...place, manifest: { apiVersion, kind, metadata, data: { a: 'b' } }, data: new Map(), ...over };
  };

  test('an object that was made is read with its uid and annotations; one that was rehearsed is not there', async () => {
    const { own } = worldOf().operator;
    await own.make(intent('rehearsed'), 'rehearse');
    expect(await own.read(intent('rehearsed'))).toBeUndefined();
    await own.make(intent('made'), 'store');
    const { uid, annotations } = present(await own.read(intent('made')));
    expect(uid).not.toBe('');
    expect(annotations).toEqual({ 'x.dev/mark': 'mine' });
  });

  test('where something of that name is, making it and rehearsing it are conflicts, and it stays as it is', async () => {
    const { own } = worldOf().operator;
    await own.make(intent('taken'), 'store');
    const before = present(await own.read(intent('taken')));
    for (const how of ['store', 'rehearse'] as const)
      expect((await failureOf(own.make(intent('taken'), how))).reason).toBe('conflict');
    expect(await own.read(intent('taken'))).toEqual(before);
  });

  test('a rehearsal finds what the server would refuse: a missing right, a manifest that is none', async () => {
    const { own } = worldOf().operator;
    const { namespace } = worldOf();
    const secret = { apiVersion: 'v1', kind: 'Secret', namespace, name: 'forbidden' };
    const forbidden = own.make({ ...secret, manifest: { ...secret }, data: new Map() }, 'rehearse');
    expect((await failureOf(forbidden)).reason).toBe('forbidden');
    const bad = intent('invalid', { manifest: { ...intent('invalid').manifest, data: { 'no key': 'x' } } });
    expect((await failureOf(own.make(bad, 'rehearse'))).reason).toBe('invalid');
  });

  test('one is deleted by its uid only; gone already is success', async () => {
    const { own } = worldOf().operator;
    await own.make(intent('going'), 'store');
    const found = present(await own.read(intent('going')));
    const other = '00000000-0000-0000-0000-000000000000';
    expect((await failureOf(own.remove(found, other))).reason).toBe('conflict');
    await own.remove(found, found.uid);
    expect(await own.read(found)).toBeUndefined();
    await own.remove(found, found.uid);
  });
};
