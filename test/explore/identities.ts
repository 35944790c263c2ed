/**
 * The few certificates that the model's worlds are made of, each under one short name, and the way between names and text.
 *
 * CAs are capital letters, leafs their CA's letter in lower case and a number: `a1` is under `A`. `A'` is `A` renewed with the same key.
 * A bundle is named by its members, in order: `A+B`. What stands in no table here can't be said in the model at all.
 *
 * **Invariant:** made once a process; whatever is parsed, verified or compared is a real certificate.
 */
import type { Fingerprint } from '../../agent/model/fingerprint.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { Instant } from '../../agent/model/terms.ts';
import { bundleFingerprint } from '../../agent/pki/bundle.ts';
import {
  type Authority,
  FAR_AHEAD,
  type Identity,
  LONG_AGO,
  makeCa,
  makeLeaf,
  renewCaSameKey,
  USAGE,
} from '../kit/pki/index.ts';

const HOUR = 3_600_000;

/** Where the model's clock stands in each of its ages. Between two of them something runs out, or begins. */
export const AGES: readonly Instant[] = [
  Date.UTC(2026, 5, 1),
  // The very moment at which `X`, `x1` and whatever else ends there is valid for the last time.
  Date.UTC(2026, 5, 2),
  // One millisecond later; and the first moment of `e1`.
  Date.UTC(2026, 5, 2) + 1,
  Date.UTC(2026, 5, 3),
];

const [, LAST_MOMENT = 0, AFTER = 0] = AGES;

const client = (ca: Authority, name: string, dates: { notBefore?: Instant; notAfter?: Instant } = {}) =>
  makeLeaf(ca, { name, usages: [USAGE.client], ...dates });
const serving = (ca: Authority, name: string) =>
  makeLeaf(ca, { name, usages: [USAGE.server], dns: ['argocd-repo-server'] });

const A = makeCa({ name: 'Client CA' });
const B = makeCa({ name: 'Client CA' });
const C = makeCa({ name: 'Client CA' });
/** Renewed: the same name and key, other dates. */
const RENEWED = renewCaSameKey(A, { notBefore: LONG_AGO + HOUR });
/** Ends between two ages. */
const X = makeCa({ name: 'Short CA', notAfter: LAST_MOMENT });
const S = makeCa({ name: 'Server CA' });
const T = makeCa({ name: 'Server CA' });

export const AUTHORITIES: Readonly<Record<string, Authority>> = { A, "A'": RENEWED, B, C, X, S, T };

export const LEAFS: Readonly<Record<string, Identity>> = {
  a1: client(A, 'a1'),
  a2: client(A, 'a2'),
  a3: client(A, 'a3'),
  b1: client(B, 'b1'),
  c1: client(C, 'c1'),
  x1: client(X, 'x1', { notAfter: LAST_MOMENT }),
  // Not valid before the third age.
  e1: client(A, 'e1', { notBefore: AFTER, notAfter: FAR_AHEAD }),
  // Made out for servers, so that no repo-server lets it in.
  u1: makeLeaf(A, { name: 'u1', usages: [USAGE.server] }),
  s1: serving(S, 's1'),
  s2: serving(S, 's2'),
  t1: serving(T, 't1'),
};

/** What a source may hold. `bad`: something that must never be published. */
export interface Held {
  readonly leaf: string;
  readonly key: string;
  readonly anchors: string;
  readonly bad?: true;
}

const held = (leaf: string, anchors: string): Held => ({ leaf, key: leaf, anchors });

export const MATERIALS: Readonly<Record<string, Held>> = {
  a1: held('a1', 'A'),
  a2: held('a2', 'A'),
  a3: held('a3', 'A'),
  b1: held('b1', 'B'),
  c1: held('c1', 'C'),
  x1: held('x1', 'X'),
  e1: held('e1', 'A'),
  "a2 under A'": held('a2', "A'"),
  'a1 with X': held('a1', 'A+X'),
  s1: held('s1', 'S'),
  s2: held('s2', 'S'),
  t1: held('t1', 'T'),
  'torn a2': { leaf: 'a2', key: 'a1', anchors: 'A', bad: true },
  'b1 without B': { leaf: 'b1', key: 'b1', anchors: 'A', bad: true },
  u1: { leaf: 'u1', key: 'u1', anchors: 'A', bad: true },
};

export const membersOf = (bundle: string): readonly string[] => (bundle === '' ? [] : bundle.split('+'));

const authority = (name: string): Authority => {
  const found = AUTHORITIES[name];
  if (found === undefined) throw new Error(`no CA is called ${name}`);
  return found;
};

export const identity = (name: string): Identity => {
  const found = LEAFS[name];
  if (found === undefined) throw new Error(`no leaf is called ${name}`);
  return found;
};

const names = new Map<string, string>();
const contents = new Map<string, SecretBytes>();

const blocks = (text: string): readonly string[] =>
  text.match(/-----BEGIN [^-]+-----[\s\S]*?-----END [^-]+-----\n?/g) ?? [];

for (const [name, { pem }] of Object.entries(AUTHORITIES)) names.set(pem.trim(), name);
for (const [name, each] of Object.entries(LEAFS)) {
  names.set(each.pem.trim(), name);
  names.set(each.keyPem.trim(), `${name}.key`);
}

/** The name of what a Secret's key holds. Text that isn't of this model is told by its length, so that a rule sees it. */
export const nameOfText = (text: string): string => {
  const found = blocks(text).map((block) => names.get(block.trim()) ?? 'foreign');
  return found.length === 0 ? `text of ${text.length}` : found.sort().join('+');
};

/** The text behind a name. */
export const textOfName = (name: string): SecretBytes => {
  const known = contents.get(name);
  if (known !== undefined) return known;
  const text = name.endsWith('.key')
    ? identity(name.slice(0, -4)).keyPem
    : membersOf(name)
        .map((member) => LEAFS[member]?.pem ?? authority(member).pem)
        .join('');
  const made = SecretBytes.of(text);
  contents.set(name, made);
  return made;
};

/** Every subset of at most three CAs has an id. */
const bundles = (): ReadonlyMap<string, string> => {
  const ids = new Map<string, string>();
  const all = Object.keys(AUTHORITIES).sort();
  const add = (members: readonly string[], from: number): void => {
    if (members.length > 0)
      ids.set(bundleFingerprint(members.map((one) => authority(one).certificate)), members.join('+'));
    if (members.length === 4) return;
    for (let next = from; next < all.length; next += 1) add([...members, all[next] ?? ''], next + 1);
  };
  add([], 0);
  return ids;
};

const fingerprints = new Map<string, string>([
  ...Object.entries(AUTHORITIES).map(([name, each]) => [each.certificate.fingerprint, `ca ${name}`] as const),
  ...Object.entries(LEAFS).map(([name, each]) => [each.certificate.fingerprint, name] as const),
  ...bundles(),
]);
const shorts = new Map([...fingerprints].map(([hex, name]) => [hex.slice(0, 12), name]));
const hexes = new Map([...fingerprints].map(([hex, name]) => [name, hex]));

/** Text with every known fingerprint, whole or short, replaced by `<name>` or `<~name>`. */
export const named = (text: string): string =>
  text
    .replace(/[0-9a-f]{64}/g, (hex) => (fingerprints.has(hex) ? `<${fingerprints.get(hex)}>` : hex))
    .replace(/(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])/g, (hex) =>
      shorts.has(hex) ? `<~${shorts.get(hex)}>` : hex,
    );

/** The reverse of {@link named}. */
export const unnamed = (text: string): string =>
  text.replace(/<(~?)([^<>]+)>/g, (all, short: string, name: string) => {
    const hex = hexes.get(name);
    return hex === undefined ? all : short === '~' ? hex.slice(0, 12) : hex;
  });

/** Name of a leaf by its fingerprint. */
export const leafNamed = (fingerprint: Fingerprint): string => fingerprints.get(fingerprint) ?? 'foreign';
export const fingerprintOfLeaf = (name: string): Fingerprint => identity(name).certificate.fingerprint;
