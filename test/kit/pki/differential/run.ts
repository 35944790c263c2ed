/**
 * Thousands of made-up chains, judged by `verifyChain` and by Go's crypto/x509: `node test/kit/pki/differential/run.ts [how many] [seed]`.
 * Needs Go, so it is no part of the hermetic tier.
 *
 * **Invariant:** ends with an error on the first disagreement, with the question that shows it.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { coversHost } from '../../../../agent/pki/hostname.ts';
import { verifyChain } from '../../../../agent/pki/verify.ts';
import {
  type Authority,
  type CaOptions,
  type KeySpec,
  makeCa,
  makeKey,
  makeLeaf,
  nameConstraints,
  renewCaSameKey,
  replaceCa,
  USAGE,
} from '../index.ts';

const count = Number(process.argv[2] ?? 2000);
let state = Number(process.argv[3] ?? 1);
/** mulberry32: the same seed asks the same questions, keys aside. */
const random = (): number => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
/** The usual value four times out of five. */
const rarely = <T>(usual: T, others: readonly T[]): T => (random() < 0.88 ? usual : pick(others));

const NOW = Date.UTC(2026, 5, 1);
const HOUR = 3_600_000;
const NAMES = ['Root', 'Between', 'Below'];
const DNS = [
  'argocd-repo-server',
  'repo.argocd.svc',
  '*.argocd.svc',
  'bad.argocd.svc',
  'repo.example',
  'svc',
];
const TREES = ['svc', '.svc', 'argocd.svc', 'bad.argocd.svc', 'example', 'argocd-repo-server', ''];
const KEYS: readonly KeySpec[] = [
  'p256',
  'p384',
  'p521',
  'ed25519',
  'rsa-2048',
  'p224',
  'secp256k1',
  'ed448',
  'rsa-pss',
];

const constraints = () =>
  nameConstraints({
    permittedDns: [pick(TREES), pick(TREES)],
    ...(random() < 0.5 ? { excludedDns: [pick(TREES)] } : {}),
    ...(random() < 0.3 ? { permittedIps: [['10.0.0.0', '255.0.0.0'] as const] } : {}),
  });

const keyOf = (usual: KeySpec, others = KEYS) => {
  const spec = rarely(usual, others);
  return spec.startsWith('rsa') ? makeKey(spec, `pool ${Math.floor(random() * 4)}`) : makeKey(spec);
};

const caOptions = (): CaOptions => ({
  name: pick(NAMES),
  key: keyOf('p256'),
  notBefore: rarely(NOW - 10 * HOUR, [NOW, NOW + 1000, NOW - 1000]),
  notAfter: rarely(NOW + 10 * HOUR, [NOW, NOW - 1000, NOW + 1000]),
  ca: rarely<boolean | 'absent'>(true, [false, 'absent']),
  pathLength: rarely<number | undefined>(undefined, [0, 1, 2]),
  keyUsages: rarely<CaOptions['keyUsages']>(undefined, ['absent', [], ['digitalSignature'], ['keyCertSign']]),
  usages: rarely<readonly string[]>([], [[USAGE.client], [USAGE.server], [USAGE.any], [USAGE.codeSigning]]),
  hash: rarely<CaOptions['hash']>(undefined, ['sha1', 'sha224', 'sha512', 'sha384']),
  version: rarely<1 | 3>(3, [1]),
  extensions: rarely<CaOptions['extensions']>(undefined, [
    [constraints()],
    [constraints()],
    [{ oid: '1.2.3.4', critical: random() < 0.5, value: Buffer.from([5, 0]) }],
  ]),
});

/** A fresh world: some roots, some CAs under them, twins and renewals. */
const authorities = (): readonly Authority[] => {
  const made: Authority[] = [makeCa(caOptions())];
  for (let more = Math.floor(random() * 5); more > 0; more -= 1) {
    const above = pick(made);
    const how = random();
    if (how < 0.6) made.push(makeCa({ ...caOptions(), issuer: above }));
    else if (how < 0.75) made.push(renewCaSameKey(above, { issuer: pick(made) }));
    else if (how < 0.9) made.push(replaceCa(above, random() < 0.5 ? { issuer: pick(made) } : {}));
    else made.push(makeCa(caOptions()));
  }
  return made;
};

const ask = () => {
  const world = authorities();
  const leaf = makeLeaf(pick(world), {
    // Go's Verify takes a leaf with a key of a kind unknown to it, Go's TLS does not; verifyChain speaks for TLS.
    key: keyOf('p256', ['p384', 'p521', 'ed25519', 'rsa-2048', 'p224', 'secp256k1']),
    dns: random() < 0.8 ? [pick(DNS), pick(DNS)] : [],
    ips: random() < 0.2 ? [pick(['10.1.2.3', '11.0.0.1', 'fd00::1'])] : [],
    usages: rarely<readonly string[]>(
      [USAGE.client, USAGE.server],
      [[], [USAGE.client], [USAGE.any], [USAGE.codeSigning]],
    ),
    hash: rarely<CaOptions['hash']>(undefined, ['sha1', 'sha512']),
    notAfter: rarely(NOW + HOUR, [NOW, NOW - 1000]),
    ca: rarely<boolean | 'absent'>('absent', [true, false]),
  });
  const host =
    random() < 0.15 ? pick(['argocd-repo-server', 'x.argocd.svc', 'REPO.argocd.svc.', '10.1.2.3']) : '';
  return {
    leaf,
    intermediates: world.filter(() => random() < 0.7).map(({ certificate }) => certificate),
    root: random() < 0.05 ? leaf.certificate : pick(world).certificate,
    at: rarely(NOW, [NOW + 1, NOW + 999, NOW + 1000, NOW + 1001]),
    purpose: pick([undefined, 'client', 'client', 'serving'] as const),
    host,
  };
};

const questions = Array.from({ length: count }, ask);
const input = questions.map(({ leaf, intermediates, root, at, purpose, host }) =>
  JSON.stringify({
    Leaf: leaf.pem,
    Intermediates: intermediates.map(({ pem }) => pem),
    Root: root.pem,
    At: at,
    Purpose: purpose ?? '',
    Host: host,
  }),
);
const go = spawnSync('go', ['run', fileURLToPath(new URL('main.go', import.meta.url))], {
  input: input.join('\n'),
  maxBuffer: 1 << 28,
});
if (go.status !== 0) throw new Error(`go: ${go.stderr.toString()}`);
const answers = go.stdout.toString().trim().split('\n');

let accepted = 0;
for (const [place, question] of questions.entries()) {
  const { leaf, intermediates, root, at, purpose, host } = question;
  const verdict = verifyChain({ certificate: leaf.certificate, intermediates }, [root], at, purpose);
  const ours = verdict.ok && (host === '' || coversHost(leaf.certificate, host));
  const theirs = answers[place] === 'yes';
  accepted += theirs ? 1 : 0;
  if (ours === theirs) continue;
  console.error(input[place]);
  throw new Error(
    `question ${place}: Go says "${answers[place]}", we say ${ours} ${JSON.stringify(verdict)}`,
  );
}
console.log(
  `${count} chains: Go and verifyChain agree on each; ${accepted} accepted, ${count - accepted} refused`,
);
