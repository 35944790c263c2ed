/**
 * Writes `made.json`: material made with the OpenSSL on this machine. `node test/admission/bad-material/openssl/make.ts`; what it wrote is
 * committed, since `npm test` may not assume an OpenSSL of a certain version.
 *
 * **Invariant:** every key in it is thrown away: it is public from the day on which it was made, and nothing but these tests trusts what it signed.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'mtls-rotator-openssl-'));
const at = (name: string): string => join(folder, name);
const openssl = (...args: readonly string[]): string =>
  execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }).toString();
const read = (name: string): string => readFileSync(at(name), 'utf8');

const HOST = 'argocd-repo-server';
const LEAF = `keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth,serverAuth\nsubjectAltName=DNS:${HOST}\n`;
const CA = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n';

writeFileSync(
  at('openssl.cnf'),
  `[ca]
default_ca=it
[it]
dir=${folder}
new_certs_dir=${folder}
database=${folder}/index
rand_serial=yes
unique_subject=no
default_md=sha256
policy=any
copy_extensions=none
[any]
commonName=supplied
emailAddress=optional
organizationName=optional
[req]
distinguished_name=dn
prompt=no
[dn]
CN=repo-client
`,
);
writeFileSync(at('index'), '');

const EC = ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const makeKey = (name: string, how: readonly string[] = EC): void =>
  void openssl(...how, '-out', `${name}.key`);
const request = (name: string, subject = '/CN=repo-client'): void =>
  void openssl(
    'req',
    '-new',
    '-config',
    'openssl.cnf',
    '-key',
    `${name}.key`,
    '-subj',
    subject,
    '-out',
    `${name}.csr`,
  );

/** Signs `name.csr` for thirty years around the tests' clock; by itself where no CA is named. */
const sign = (name: string, ca: string | undefined, extensions: string, ...more: readonly string[]): void => {
  writeFileSync(at(`${name}.ext`), extensions);
  const by =
    ca === undefined
      ? ['-selfsign', '-keyfile', `${name}.key`]
      : ['-cert', `${ca}.crt`, '-keyfile', `${ca}.key`];
  const dates = ['-startdate', '20200101000000Z', '-enddate', '20491201000000Z'];
  const ext = extensions === '' ? [] : ['-extfile', `${name}.ext`];
  openssl(
    'ca',
    '-batch',
    '-notext',
    '-config',
    'openssl.cnf',
    ...by,
    ...dates,
    ...ext,
    '-in',
    `${name}.csr`,
    '-out',
    `${name}.crt`,
    ...more,
  );
};

const makeCa = (name: string, how: readonly string[] = EC): void => {
  makeKey(name, how);
  request(name, `/CN=${name} CA`);
  sign(name, undefined, CA);
};
const makeLeaf = (
  name: string,
  how: readonly string[] = EC,
  ca = 'root',
  extensions = LEAF,
  ...more: readonly string[]
): void => {
  makeKey(name, how);
  request(name);
  sign(name, ca, extensions, ...more);
};

interface Made {
  readonly certificate: string;
  readonly key: string;
  readonly anchors: string;
}
const made: Record<string, Made> = {};
const keep = (
  name: string,
  {
    certificate = read(`${name}.crt`),
    key = read(`${name}.key`),
    anchors = read('root.crt'),
  }: Partial<Made> = {},
): void => {
  made[name] = { certificate, key, anchors };
};

const rsa = (...options: readonly string[]): readonly string[] => [
  'genpkey',
  '-algorithm',
  'RSA',
  ...['rsa_keygen_bits:2048', ...options].flatMap((option) => ['-pkeyopt', option]),
];
const explicit = [...EC, '-pkeyopt', 'ec_param_enc:explicit'];

makeCa('root');
makeCa('rsa', rsa());
makeLeaf('plain');
keep('plain');
makeLeaf('explicit-leaf', explicit);
keep('explicit-leaf');
makeCa('explicit', explicit);
makeLeaf('below-explicit', EC, 'explicit');
keep('below-explicit', { anchors: read('explicit.crt') });
makeLeaf('brainpool', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:brainpoolP256r1']);
keep('brainpool');
openssl('dsaparam', '-out', 'dsa.params', '2048');
makeLeaf('dsa', ['genpkey', '-paramfile', 'dsa.params']);
keep('dsa');
makeLeaf('exponent-3', rsa('rsa_keygen_pubexp:3'));
keep('exponent-3');
makeLeaf('long-exponent', rsa('rsa_keygen_pubexp:4294967311'));
keep('long-exponent');
makeLeaf('rsa-512', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:512']);
keep('rsa-512');
makeKey('parameters', ['ecparam', '-name', 'prime256v1', '-genkey']);
request('parameters');
sign('parameters', 'root', LEAF);
keep('parameters');
makeLeaf('encrypted');
openssl('pkcs8', '-topk8', '-in', 'encrypted.key', '-passout', 'pass:throwaway', '-out', 'encrypted.p8');
keep('encrypted', { key: read('encrypted.p8') });
makeLeaf('des3', rsa());
openssl('rsa', '-in', 'des3.key', '-des3', '-passout', 'pass:throwaway', '-traditional', '-out', 'des3.pem');
keep('des3', { key: read('des3.pem') });
makeLeaf('sha1', EC, 'rsa', LEAF, '-md', 'sha1');
keep('sha1', { anchors: read('rsa.crt') });
makeLeaf('sha3', EC, 'root', LEAF, '-md', 'sha3-256');
keep('sha3');
makeLeaf('pss', EC, 'rsa', LEAF, '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32');
keep('pss', { anchors: read('rsa.crt') });
makeLeaf(
  'pss-short-salt',
  EC,
  'rsa',
  LEAF,
  '-sigopt',
  'rsa_padding_mode:pss',
  '-sigopt',
  'rsa_pss_saltlen:20',
);
keep('pss-short-salt', { anchors: read('rsa.crt') });
makeLeaf('version-1', EC, 'root', '');
keep('version-1');
makeLeaf('common-name-only', EC, 'root', 'extendedKeyUsage=clientAuth,serverAuth\n');
keep('common-name-only');
makeLeaf('recipe', EC, 'root', LEAF + CA.replace(/keyUsage.*\n/, ''));
keep('recipe');
openssl('x509', '-in', 'plain.crt', '-trustout', '-out', 'trusted.crt');
keep('trusted', { certificate: read('trusted.crt'), key: read('plain.key') });
keep('with-text', { certificate: openssl('x509', '-in', 'plain.crt', '-text'), key: read('plain.key') });
openssl('crl2pkcs7', '-nocrl', '-certfile', 'plain.crt', '-out', 'plain.p7');
keep('pkcs7', { certificate: read('plain.p7'), key: read('plain.key') });
keep('request', { certificate: read('plain.csr'), key: read('plain.key') });
openssl(
  'pkcs12',
  '-export',
  '-in',
  'plain.crt',
  '-inkey',
  'plain.key',
  '-certfile',
  'root.crt',
  '-name',
  'repo client',
  '-passout',
  'pass:throwaway',
  '-out',
  'plain.p12',
);
const opened = (...what: readonly string[]): string =>
  openssl('pkcs12', '-in', 'plain.p12', '-passin', 'pass:throwaway', ...what);
keep('bag-attributes', {
  certificate: opened('-nokeys', '-clcerts'),
  key: opened('-nocerts', '-noenc'),
  anchors: opened('-nokeys', '-cacerts'),
});
makeKey('crowded');
request('crowded', '/O=Argo/CN=repo-client+emailAddress=repo@example.org');
sign('crowded', 'root', LEAF.replace('DNS:', 'email:repo@example.org,DNS:'));
keep('crowded');
makeCa('narrow');
request('narrow', '/CN=narrow CA');
sign('narrow', undefined, `${CA}nameConstraints=critical,permitted;DNS:.svc,excluded;IP:0.0.0.0/0.0.0.0\n`);
makeLeaf('outside', EC, 'narrow');
keep('outside', { anchors: read('narrow.crt') });
keep('another-key', { key: read('crowded.key'), certificate: read('plain.crt') });

const about = `Made by make.ts with ${openssl('version').trim()}. Every key in here is a throwaway of these tests: public, and trusted by nothing.`;
writeFileSync(new URL('made.json', import.meta.url), `${JSON.stringify({ about, made }, undefined, 2)}\n`);
rmSync(folder, { recursive: true, force: true });
console.log(`${Object.keys(made).length} kinds of material`);
