/**
 * What every source guarantees, whatever it reads from. An integration runs the suite by handing over its world.
 *
 * **Invariant:** a guarantee is left out only by an exception declared here in code with its why; it then shows up as a test of its own.
 */
import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { admit } from '../../agent/admission/admit.ts';
import { NOTHING_PUBLISHED, type RawMaterial, type SourceReading } from '../../agent/model/material.ts';
import type { Instant } from '../../agent/model/terms.ts';
import type { Source } from '../../integrations/source.ts';
import { type Authority, type Identity, keyPem, makeCa, makeKey, makeLeaf } from '../kit/pki/index.ts';

/** One source and the strings by which its world is moved. */
export interface SourceWorld {
  readonly source: Source;
  /** Both at once, as the writer of this source delivers them. */
  readonly deliver: (identity: Identity, authority: Authority, at: Instant) => void;
  /** A certificate with another one's key: what a writer that is not atomic leaves for a moment. */
  readonly tear: (identity: Identity, authority: Authority, foreignKeyPem: string) => void;
  readonly remove: () => void;
  /** From now on asking is forbidden; the returned function ends it. */
  readonly forbid: () => () => void;
  /** From now on asking runs into a time-out; the returned function ends it. */
  readonly stall: () => () => void;
  /** From now on answers are held back until the returned function is called. */
  readonly hold: () => () => void;
  readonly asked: () => readonly {
    readonly verb: string;
    readonly resource: string;
    readonly name: string;
  }[];
}

export type Guarantee =
  | 'present'
  | 'same'
  | 'changed'
  | 'gone'
  | 'back'
  | 'forbidden'
  | 'timeout'
  | 'slow'
  | 'torn'
  | 'lies'
  | 'secrecy'
  | 'rights';

export interface SourceSubject {
  readonly make: () => SourceWorld;
  /** Guarantees that this kind of source can't give, each with the reason. */
  readonly exceptions: Readonly<Partial<Record<Guarantee, string>>>;
}

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const ca = makeCa({ name: 'Contract CA' });
const first = makeLeaf(ca, { name: 'first' });
const second = makeLeaf(ca, { name: 'second' });

const rawOf = (reading: SourceReading): RawMaterial => {
  if (reading.state !== 'ready') throw new Error(`expected ready, got ${JSON.stringify(reading)}`);
  return reading.raw;
};

/** Fingerprint of the leaf that admission would let through; the refusal's code where it would not. */
const outcome = (reading: SourceReading): string => {
  if (reading.state !== 'ready') return reading.state;
  const admission = admit(reading.raw, 'client', NOW);
  return 'refusal' in admission ? admission.refusal.code : admission.material.leaf.certificate.fingerprint;
};

type Check = (world: SourceWorld) => Promise<void>;

const CHECKS: Readonly<Record<Guarantee, readonly [string, Check]>> = {
  present: [
    'hands over what is there, so that admission lets it through, and says when it changed',
    async ({ source, deliver }) => {
      deliver(first, ca, NOW - 5000);
      const reading = await source.read(NOTHING_PUBLISHED);
      expect(outcome(reading)).toBe(first.certificate.fingerprint);
      expect(reading).toMatchObject({
        state: 'ready',
        changedAt: NOW - 5000,
        raw: { source: source.describe },
      });
    },
  ],
  same: [
    'gives the same content the same version',
    async ({ source, deliver }) => {
      deliver(first, ca, NOW);
      expect(rawOf(await source.read(NOTHING_PUBLISHED)).version).toBe(
        rawOf(await source.read(NOTHING_PUBLISHED)).version,
      );
    },
  ],
  changed: [
    'gives changed content another version and a later time of change',
    async ({ source, deliver }) => {
      deliver(first, ca, NOW - 5000);
      const before = rawOf(await source.read(NOTHING_PUBLISHED));
      deliver(second, ca, NOW);
      const after = await source.read(NOTHING_PUBLISHED);
      expect(outcome(after)).toBe(second.certificate.fingerprint);
      expect(rawOf(after).version).not.toBe(before.version);
      expect(after).toMatchObject({ changedAt: NOW });
    },
  ],
  gone: [
    'waits where nothing is there, and says what to do',
    async ({ source, deliver, remove }) => {
      const absent = await source.read(NOTHING_PUBLISHED);
      deliver(first, ca, NOW);
      await source.read(NOTHING_PUBLISHED);
      remove();
      for (const reading of [absent, await source.read(NOTHING_PUBLISHED)]) {
        expect(reading).toMatchObject({ state: 'waiting', source: source.describe });
        if (reading.state === 'waiting') expect(reading.next).toMatch(/\w{4,}/);
      }
    },
  ],
  back: [
    'hands over what came back',
    async ({ source, deliver, remove }) => {
      deliver(first, ca, NOW - 5000);
      remove();
      await source.read(NOTHING_PUBLISHED);
      deliver(second, ca, NOW);
      expect(outcome(await source.read(NOTHING_PUBLISHED))).toBe(second.certificate.fingerprint);
    },
  ],
  forbidden: [
    'is unreachable where it may not ask, names verb and resource, and recovers',
    async ({ source, deliver, forbid, asked }) => {
      deliver(first, ca, NOW);
      const allow = forbid();
      const reading = await source.read(NOTHING_PUBLISHED);
      const refused = asked().at(-1);
      expect(reading).toMatchObject({ state: 'unreachable', source: source.describe });
      if (reading.state === 'unreachable')
        for (const word of [refused?.verb, refused?.resource, refused?.name]) {
          expect(reading.why).toContain(word);
          expect(reading.next).toContain(word);
        }
      allow();
      expect(outcome(await source.read(NOTHING_PUBLISHED))).toBe(first.certificate.fingerprint);
    },
  ],
  timeout: [
    'is unreachable where no answer comes, and recovers',
    async ({ source, deliver, stall }) => {
      deliver(first, ca, NOW);
      const end = stall();
      expect(await source.read(NOTHING_PUBLISHED)).toMatchObject({
        state: 'unreachable',
        source: source.describe,
      });
      end();
      expect(outcome(await source.read(NOTHING_PUBLISHED))).toBe(first.certificate.fingerprint);
    },
  ],
  slow: [
    'answers with what is there when the answer comes, not with what was there when it was asked',
    async ({ source, deliver, hold }) => {
      deliver(first, ca, NOW - 5000);
      const release = hold();
      const reading = source.read(NOTHING_PUBLISHED);
      deliver(second, ca, NOW);
      release();
      expect(outcome(await reading)).toBe(second.certificate.fingerprint);
    },
  ],
  torn: [
    'never hands over a torn pair in a way that admission lets through',
    async ({ source, deliver, tear }) => {
      deliver(first, ca, NOW - 5000);
      tear(second, ca, keyPem(makeKey('p256')));
      expect(['waiting', 'key-mismatch']).toContain(outcome(await source.read(NOTHING_PUBLISHED)));
    },
  ],
  lies: [
    'never hands over a pair under a CA that did not issue it in a way that admission lets through',
    async ({ source, deliver }) => {
      deliver(first, makeCa({ name: 'Contract CA' }), NOW - 5000);
      expect(['waiting', 'chain-broken']).toContain(outcome(await source.read(NOTHING_PUBLISHED)));
      deliver(first, ca, NOW);
      expect(outcome(await source.read(NOTHING_PUBLISHED))).toBe(first.certificate.fingerprint);
    },
  ],
  secrecy: [
    'shows no private key when a reading is printed',
    async ({ source, deliver }) => {
      deliver(first, ca, NOW);
      const reading = await source.read(NOTHING_PUBLISHED);
      const printed = `${JSON.stringify(reading)} ${inspect(reading, { depth: 9, showHidden: true })} ${inspect(source, { depth: 9 })}`;
      for (const line of first.keyPem.split('\n').filter((part) => !part.startsWith('-----') && part !== ''))
        expect(printed).not.toContain(line);
    },
  ],
  rights: [
    'asks for nothing that it did not declare as a right, and watches what it reads',
    async ({ source, deliver, asked }) => {
      deliver(first, ca, NOW);
      await source.read(NOTHING_PUBLISHED);
      const rights = source.rights.map(({ verb, resource, name }) => `${verb} ${resource} ${name}`);
      expect(asked().length).toBeGreaterThan(0);
      for (const { verb, resource, name } of asked()) expect(rights).toContain(`${verb} ${resource} ${name}`);
      for (const target of source.watches)
        if ('name' in target) expect(rights).toContain(`watch ${target.kind.toLowerCase()}s ${target.name}`);
    },
  ],
};

/** Registers the suite; call it inside a `describe` that names the source. */
export const runSourceContract = ({ make, exceptions }: SourceSubject): void => {
  for (const [guarantee, [sentence, check]] of Object.entries(CHECKS)) {
    const why = exceptions[guarantee as Guarantee];
    if (why === undefined) test(sentence, () => check(make()));
    else
      test(`is excused, because ${why}, from: ${sentence}`, () => {
        expect(why.length).toBeGreaterThan(20);
      });
  }
};
