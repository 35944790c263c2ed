/**
 * Files of the agent's own pod: the contract of all sources, on real directories, and what files add to it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { admit } from '../../../agent/admission/admit.ts';
import type { FilesSpec } from '../../../agent/model/files-spec.ts';
import type { SourceReading } from '../../../agent/model/material.ts';
import { FilesSource } from '../../../integrations/files/source.ts';
import type { OpenWatch } from '../../../integrations/mounted/watch-directories.ts';
import { Mount } from '../../kit/files/mount.ts';
import { ManualClock } from '../../kit/manual-clock.ts';
import { keyPem, makeCa, makeKey, makeLeaf } from '../../kit/pki/index.ts';
import { writePkcs12 } from '../../kit/pki/pkcs12.ts';
import { runSourceContract } from '../source-contract.ts';
import { ShakenTree } from './shaken-tree.ts';

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const ca = makeCa({ name: 'Repo CA' });
const leaf = makeLeaf(ca);
const WHOLE = { 'tls.crt': leaf.chainPem, 'tls.key': leaf.keyPem, 'ca.crt': ca.pem };

let mount: Mount;
let tree: ShakenTree;
let clock: ManualClock;
beforeEach(() => {
  mount = new Mount();
  tree = new ShakenTree();
  clock = new ManualClock(NOW);
});
afterEach(() => mount.clear());

const sourceOf = (spec: Partial<FilesSpec> = {}, open?: OpenWatch): FilesSource =>
  new FilesSource(
    {
      type: 'files',
      directory: mount.directory,
      within: undefined,
      fields: {},
      pkcs12: undefined,
      caFile: undefined,
      poll: 10_000,
      ...spec,
    },
    { tree, clock, ...(open === undefined ? {} : { open }) },
  );

const codeOf = (reading: SourceReading): string => {
  if (reading.state === 'refused') return reading.refusal.code;
  if (reading.state !== 'ready') return reading.state;
  const admission = admit(reading.raw, 'client', NOW);
  return 'refusal' in admission ? admission.refusal.code : 'admitted';
};

const read = async (spec: Partial<FilesSpec> = {}): Promise<string> => codeOf(await sourceOf(spec).read());

describe.each(['swap', 'write'] as const)('files that are delivered by a %s', (way) => {
  runSourceContract({
    exceptions: { rights: 'a file needs no right of the API, so there is none to declare' },
    make: () => {
      // Only the kernel sets the date of a change: it is left out, so that dates can be those of the test.
      tree.dated = 'by-content';
      const put = (contents: Readonly<Record<string, string>>, at: number): void => {
        // A second later its writer is done.
        clock.advance(Math.max(0, at + 1000 - clock.now()));
        if (way === 'write') mount.write(contents, at);
        else mount.swap(contents, 0o640, at);
      };
      const failing = (code: string) => () => tree.fail(code, 'read');
      return {
        source: sourceOf(),
        deliver: ({ chainPem, keyPem: key }, authority, at) =>
          put({ 'tls.crt': chainPem, 'tls.key': key, 'ca.crt': authority.root.pem }, at),
        tear: ({ chainPem }, authority, key) =>
          put({ 'tls.crt': chainPem, 'tls.key': key, 'ca.crt': authority.root.pem }, NOW),
        remove: () => {
          mount.remove();
          mount.bringBack();
        },
        forbid: failing('EACCES'),
        stall: failing('ETIMEDOUT'),
        hold: () => {
          const { promise, resolve } = Promise.withResolvers<void>();
          tree.before = () => promise;
          return () => {
            tree.before = () => undefined;
            resolve();
          };
        },
        asked: () =>
          tree.asked.map(({ verb, path }) => ({
            verb: verb === 'read' ? 'open' : verb,
            resource: 'file',
            name: join(mount.directory, path.split('/').at(-1) ?? ''),
          })),
      };
    },
  });
});

describe('files under the names of those who write them', () => {
  test.each<[string, Readonly<Record<string, string>>]>([
    ["cert-manager's CSI driver", WHOLE],
    ['spiffe-helper', { 'svid.pem': leaf.chainPem, 'svid_key.pem': leaf.keyPem, 'svid_bundle.pem': ca.pem }],
    ["Istio's agent", { 'cert-chain.pem': leaf.chainPem, 'key.pem': leaf.keyPem, 'root-cert.pem': ca.pem }],
    ['Docker', { 'cert.pem': leaf.chainPem, 'key.pem': leaf.keyPem, 'ca.pem': ca.pem }],
    ["vault-agent's template into one file", { 'all.pem': leaf.keyPem + leaf.chainPem + ca.pem }],
  ])('are understood: %s', async (_, contents) => {
    mount.swap(contents);
    expect(await read()).toBe('admitted');
  });

  test("are understood: certbot's links into an archive, with the CA elsewhere", async () => {
    const elsewhere = new Mount();
    elsewhere.swap({ 'root.pem': ca.pem });
    mount.write({});
    writeFileSync(join(mount.above, 'fullchain1.pem'), leaf.chainPem);
    writeFileSync(join(mount.above, 'privkey1.pem'), leaf.keyPem);
    mount.link('fullchain.pem', '../fullchain1.pem');
    mount.link('privkey.pem', '../privkey1.pem');
    const spec = { within: mount.above, caFile: elsewhere.path('root.pem') };
    expect(await read(spec)).toBe('admitted');
    elsewhere.drop('..data');
    expect(await read(spec)).toBe('waiting');
    elsewhere.clear();
  });

  test('are read alone where all three are named, whatever stands beside them', async () => {
    const fields = { certificate: 'mine.crt', key: 'mine.key', ca: 'roots' };
    mount.swap({
      'mine.crt': leaf.chainPem,
      'mine.key': leaf.keyPem,
      roots: ca.pem,
      dump: 'x'.repeat(2 ** 20 + 1),
    });
    expect(await read({ fields })).toBe('admitted');
    expect(await read({ fields: { ...fields, key: 'gone.key' } })).toBe('field-missing');
  });

  test('what was passed over is told where nothing fits', async () => {
    mount.swap({ odd: 'x', dump: 'x'.repeat(2 ** 20 + 1) });
    const reading = await sourceOf().read();
    expect(reading).toMatchObject({
      state: 'refused',
      refusal: { code: 'shape-unknown', what: expect.stringMatching(/found: odd\..*Passed over:.*dump/) },
    });
  });
});

describe('a PKCS#12 with its password in another file', () => {
  const pkcs12 = () => ({ file: 'keystore.p12', passwordFile: join(mount.above, 'password') });
  const store = writePkcs12([leaf.key], [leaf.der, ca.der], { password: 'correct horse' });

  test.each<[string, string | undefined, string]>([
    ['is opened', 'correct horse\n', 'admitted'],
    ['is refused where the password is wrong', 'wrong', 'pkcs12-password'],
    ['is waited for where the password is not there', undefined, 'waiting'],
  ])('%s', async (_, password, code) => {
    mount.swap({ 'keystore.p12': store });
    if (password !== undefined) writeFileSync(pkcs12().passwordFile, password);
    expect(await read({ pkcs12: pkcs12() })).toBe(code);
  });

  test('is opened anew when either file changed', async () => {
    mount.swap({ 'keystore.p12': store });
    writeFileSync(pkcs12().passwordFile, 'wrong');
    const source = sourceOf({ pkcs12: pkcs12() });
    expect(codeOf(await source.read())).toBe('pkcs12-password');
    writeFileSync(pkcs12().passwordFile, 'correct horse');
    expect(codeOf(await source.read())).toBe('admitted');
  });
});

describe('the source', () => {
  test('flags a key that everybody may read, by the file and not by its content, and uses it', async () => {
    mount.swap(WHOLE, 0o644);
    const reading = await sourceOf().read();
    expect(codeOf(reading)).toBe('admitted');
    expect(reading).toMatchObject({
      warnings: [{ code: 'readable-key', what: expect.stringContaining('tls.key of') }],
    });
    expect(JSON.stringify(reading)).not.toContain('PRIVATE KEY');
    mount.swap(WHOLE, 0o640);
    expect(await sourceOf().read()).not.toHaveProperty('warnings');
  });

  test('asks to be looked at again soon while a writer is given its second, and not after that', async () => {
    tree.dated = 'by-content';
    mount.write(WHOLE, NOW);
    const source = sourceOf();
    expect(codeOf(await source.read())).toBe('waiting');
    expect(source.poll).toBe(1000);
    clock.advance(1000);
    expect(codeOf(await source.read())).toBe('admitted');
    expect(source.poll).toBeUndefined();
  });

  test('does not wait for a file system that hangs, asks it once, and takes its answer when it comes', async () => {
    mount.swap(WHOLE);
    const source = sourceOf();
    const { promise, resolve } = Promise.withResolvers<void>();
    tree.before = () => promise;
    for (const _ of ['first', 'second']) {
      const reading = source.read();
      clock.advance(10_000);
      expect(await reading).toMatchObject({
        state: 'unreachable',
        why: expect.stringContaining('no answer'),
      });
    }
    expect(tree.asked).toHaveLength(1);
    tree.before = () => undefined;
    resolve();
    expect(codeOf(await source.read())).toBe('admitted');
  });

  test('flags that inotify is refused, with the code, and wakes by looking', async () => {
    mount.swap(WHOLE);
    const full: OpenWatch = (_, __, onError) => {
      onError(Object.assign(new Error('in a test'), { code: 'ENOSPC' }));
      return { ready: Promise.resolve(), close: () => Promise.resolve() };
    };
    const source = sourceOf({}, full);
    const { stop } = source.watch(() => undefined);
    expect(await source.read()).toMatchObject({
      state: 'ready',
      warnings: [{ code: 'files-unwatched', what: expect.stringContaining('ENOSPC') }],
    });
    stop();
  });

  test('watches the directories of CA and password too', () => {
    const opened: string[] = [];
    const open: OpenWatch = (directory) => {
      opened.push(directory);
      return { ready: Promise.resolve(), close: () => Promise.resolve() };
    };
    const pkcs12 = { file: 'store.p12', passwordFile: '/password/value' };
    sourceOf({ pkcs12, caFile: '/roots/ca.crt' }, open)
      .watch(() => undefined)
      .stop();
    expect(opened).toEqual([mount.directory, '/roots', '/password']);
  });
});

describe('whatever stands there is refused or waited for, never published and never taken for "off"', () => {
  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["another pair's key", { ...WHOLE, 'tls.key': keyPem(makeKey('p256')) }, 'key-mismatch'],
    ['a key without its certificate', { 'tls.key': leaf.keyPem, 'ca.crt': ca.pem }, 'no-certificate'],
    ['an empty key', { ...WHOLE, 'tls.key': '' }, 'no-key'],
    ['an empty certificate', { ...WHOLE, 'tls.crt': '' }, 'no-certificate'],
    ['an empty CA', { ...WHOLE, 'ca.crt': '' }, 'no-anchor'],
    ['a foreign CA', { ...WHOLE, 'ca.crt': makeCa({ name: 'Repo CA' }).pem }, 'chain-broken'],
    ['a certificate that is cut off', { ...WHOLE, 'tls.crt': leaf.pem.slice(0, 300) }, 'unreadable'],
    ['names that nobody knows', { cert: leaf.pem, key: leaf.keyPem }, 'shape-unknown'],
    [
      'two pairs',
      { ...WHOLE, 'cert.pem': makeLeaf(ca).pem, 'key.pem': makeLeaf(ca).keyPem },
      'shape-ambiguous',
    ],
    ['nothing', {}, 'waiting'],
  ])('%s', async (_, contents, code) => {
    mount.swap(contents);
    expect(await read()).toBe(code);
  });
});
