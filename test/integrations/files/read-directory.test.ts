/**
 * One set of files out of a real directory, whatever its writer is doing meanwhile.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { beingWritten } from '../../../integrations/mounted/being-written.ts';
import { type DirectoryPlace, readDirectory } from '../../../integrations/mounted/read-directory.ts';
import { Mount } from '../../kit/files/mount.ts';
import { type AskedFile, ShakenTree } from './shaken-tree.ts';

// The file system comes last where the machine is busy.
jest.setTimeout(30_000);

const OLD = { 'tls.crt': 'old certificate', 'tls.key': 'old key', 'ca.crt': 'old ca' };
const NEW = { 'tls.crt': 'new certificate', 'tls.key': 'new key', 'ca.crt': 'new ca' };
const NAMES = Object.keys(OLD);
/** Old and new have the same sizes, and may fall into one tick of the kernel's clock: what is old says so by its date. */
const LONG_AGO = Date.UTC(2020, 0, 1);

let mount: Mount;
let tree: ShakenTree;
beforeEach(() => {
  mount = new Mount();
  tree = new ShakenTree();
});
afterEach(() => mount.clear());

const read = (place: Partial<DirectoryPlace> = {}) =>
  readDirectory(tree, { directory: mount.directory, names: NAMES, others: 'read', ...place });

/** The files' contents; the code of the refusal, or the state, where there are none. */
const contents = async (place: Partial<DirectoryPlace> = {}) => {
  const reading = await read(place);
  if (reading.state === 'refused') return reading.refusal.code;
  if (reading.state !== 'read') return reading.state;
  return Object.fromEntries([...reading.set.files].map(([name, bytes]) => [name, bytes.reveal()]));
};

const setNow = async (place: Partial<DirectoryPlace> = {}) => {
  const reading = await read(place);
  if (reading.state !== 'read') throw new Error(`not read: ${JSON.stringify(reading)}`);
  return reading.set;
};

describe('a set', () => {
  test('is what stands in a plain directory, without hidden files and directories', async () => {
    mount.write({ ...OLD, '.hidden': 'x' });
    mkdirSync(mount.path('lost+found'));
    expect(await contents()).toEqual(OLD);
  });

  test('is what ..data leads to, and nothing that stands beside it', async () => {
    mount.swap(OLD);
    mount.write({ 'stray.pem': 'x' });
    expect(await contents()).toEqual(OLD);
  });

  test('is only what is named, where nothing else is to be read', async () => {
    mount.write({ ...OLD, 'other.pem': 'x' });
    expect(await contents({ names: ['tls.crt'], others: 'leave' })).toEqual({ 'tls.crt': 'old certificate' });
  });

  test.each(['write', 'replace', 'swap'] as const)(
    'has another version after a %s, and the same where nothing changed',
    async (way) => {
      mount.deliver(way, OLD, LONG_AGO);
      const before = await setNow();
      expect((await setNow()).version).toBe(before.version);
      mount.deliver(way, NEW);
      expect((await setNow()).version).not.toBe(before.version);
      expect(await contents()).toEqual(NEW);
    },
  );

  test('names files that everybody may read', async () => {
    mount.swap(OLD, 0o644);
    expect((await setNow()).readableByAll).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
    mount.swap(OLD, 0o440);
    expect((await setNow()).readableByAll).toEqual([]);
  });

  test('of a directory whose every file may be read only is read as any other', async () => {
    mount.swap(OLD, 0o400);
    expect(await contents()).toEqual(OLD);
  });
});

describe('a writer in the middle', () => {
  test.each(['write', 'replace', 'swap'] as const)(
    'whose %s falls before any one call leaves all of the old or all of the new',
    async (way) => {
      let calls = 0;
      for (let at = 0; calls >= at; at += 1) {
        mount.clear();
        mount = new Mount();
        mount.deliver(way, OLD, LONG_AGO);
        calls = 0;
        tree.before = () => {
          if (calls === at) mount.deliver(way, NEW);
          calls += 1;
        };
        expect([OLD, NEW]).toContainEqual(await contents());
      }
      expect(calls).toBeGreaterThan(10);
    },
  );

  test('that never pauses is waited for', async () => {
    mount.write(OLD);
    let turn = 0;
    tree.before = ({ verb }) => {
      turn += 1;
      if (verb === 'read') mount.write({ 'ca.crt': 'x'.repeat(turn) });
    };
    expect(await read()).toMatchObject({ state: 'waiting', why: expect.stringContaining('under way') });
  });

  test('that makes the directory anew is noticed', async () => {
    mount.write(OLD);
    tree.just('read', 'tls.key', () => {
      mount.remove();
      mount.bringBack();
      mount.write(NEW);
    });
    expect(await contents()).toEqual(NEW);
  });

  test('that writes file by file is given a second; a swap, and a date that lies ahead, are taken at once', async () => {
    mount.write(OLD);
    const plain = await setNow();
    expect(beingWritten('/certificates', plain, plain.changedAt + 999)).toMatchObject({ state: 'waiting' });
    expect(beingWritten('/certificates', plain, plain.changedAt + 1000)).toBeUndefined();
    expect(beingWritten('/certificates', plain, plain.changedAt - 1)).toBeUndefined();
    mount.remove();
    mount.bringBack();
    mount.swap(OLD);
    const swapped = await setNow();
    expect(beingWritten('/certificates', swapped, swapped.changedAt)).toBeUndefined();
  });
});

/** A key is there, and a call fails. */
const broken = (code: string, verb: AskedFile['verb'], ending?: string) => () => {
  mount.write({ 'tls.key': 'key' });
  tree.fail(code, verb, ending);
};

describe('what is wrong with a directory is told by its path, with a mend', () => {
  const faults: readonly (readonly [string, () => void, string, string])[] = [
    ['nothing at its path', () => mount.remove(), 'waiting', 'certificates'],
    ['no file in it', () => undefined, 'waiting', 'no file'],
    [
      'a file in its place',
      () => {
        mount.remove();
        writeFileSync(mount.directory, 'x');
      },
      'not-a-file',
      'no directory',
    ],
    ['a dangling ..data', () => mount.link('..data', '..gone'), 'waiting', 'no file'],
    ['a ..data that leads to itself', () => mount.link('..data', '..data'), 'link-astray', 'ELOOP'],
    ['a ..data that leads elsewhere', () => mount.link('..data', '/proc'), 'link-astray', 'leads out of'],
    ['a key that is a link to itself', () => mount.link('tls.key', 'tls.key'), 'link-astray', 'tls.key'],
    ['a key that leads elsewhere', () => mount.link('tls.key', '/etc/passwd'), 'link-astray', 'tls.key'],
    ['a key that leads to nothing', () => mount.link('tls.key', 'gone'), 'waiting', 'tls.key'],
    ['a directory for a key', () => mkdirSync(mount.path('tls.key')), 'not-a-file', 'tls.key is a directory'],
    [
      'a pipe for a key',
      () => execFileSync('mkfifo', [mount.path('tls.key')]),
      'not-a-file',
      'tls.key is a pipe',
    ],
    ['a device for a key', () => mount.link('tls.key', '/dev/zero'), 'link-astray', 'tls.key'],
    [
      'a key of a mebibyte and more',
      () => {
        mount.write({ 'tls.key': '' });
        truncateSync(mount.path('tls.key'), 1024 * 1024 + 1);
      },
      'too-large',
      '1048577 bytes',
    ],
    [
      'more files than a pair has',
      () => mount.write(Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`${index}.pem`, '']))),
      'too-large',
      'fields',
    ],
    ['a key that may not be read', broken('EACCES', 'read', 'tls.key'), 'unreachable', 'tls.key'],
    ['a key that is not permitted', broken('EPERM', 'read', 'tls.key'), 'unreachable', 'fsGroup'],
    ['a broken disk', broken('EIO', 'read', 'tls.key'), 'unreachable', 'EIO'],
    ['a server that is away', broken('ETIMEDOUT', 'list'), 'unreachable', 'ETIMEDOUT'],
    ['no more files to open', broken('EMFILE', 'read', 'tls.key'), 'unreachable', 'EMFILE'],
    ['a directory that may not be listed', broken('EACCES', 'list'), 'unreachable', 'may not list'],
  ];
  test.each(faults)('%s', async (_, breaks, code, told) => {
    breaks();
    expect(await contents()).toBe(code);
    const reading = await read();
    expect(JSON.stringify(reading)).toContain(told);
    const next = reading.state === 'refused' ? reading.refusal.next : 'next' in reading ? reading.next : '';
    expect(next).toMatch(/\w{4,}.*\.$/);
  });

  test('an empty file is an empty file', async () => {
    mount.write({ ...OLD, 'tls.key': '' });
    expect(await contents()).toEqual({ ...OLD, 'tls.key': '' });
  });

  test('what is wrong with a file that nobody named is only listed', async () => {
    mount.write(OLD);
    symlinkSync('/etc/passwd', mount.path('passwd'));
    execFileSync('mkfifo', [mount.path('pipe')]);
    const { files, passedOver } = await setNow();
    expect([...files.keys()]).toEqual(NAMES.toSorted());
    expect(passedOver).toEqual([expect.stringContaining('passwd'), expect.stringContaining('pipe')]);
  });
});

test('links may lead to a directory beside it where `within` names what holds both, as with certbot', async () => {
  mkdirSync(`${mount.above}/archive`);
  writeFileSync(`${mount.above}/archive/tls1.key`, 'key');
  symlinkSync('../archive/tls1.key', mount.path('tls.key'));
  expect(await contents()).toBe('link-astray');
  expect(await contents({ within: mount.above })).toEqual({ 'tls.key': 'key' });
  expect(await contents({ within: '/proc' })).toBe('link-astray');
});
