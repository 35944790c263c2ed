/** How files reach the other container: on real temporary directories, with every call of the file system as a place to fail. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RotatorError } from '../../agent/model/errors.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import { systemRandom } from '../../agent/runtime/system-random.ts';
import { type FileSystem, realFileSystem } from '../../agent/sidecar/files/file-system.ts';
import { clearLeftovers, type FileSet, readSet, writeSet } from '../../agent/sidecar/files/write-set.ts';

const root = mkdtempSync(join(tmpdir(), 'sidecar-'));
afterAll(() => rmSync(root, { recursive: true }));
const freshDirectory = (): string => mkdtempSync(join(root, 'd-'));

const LOOK = { mode: 0o440, owner: undefined, group: undefined };
const AT = Date.UTC(2026, 10, 25, 1, 30);

const setOf = (content: Readonly<Record<string, string>>): FileSet =>
  new Map(Object.entries(content).map(([name, text]) => [name, SecretBytes.of(text)]));
const pair = (text: string): FileSet => setOf({ 'client.crt': `crt ${text}`, 'client.key': `key ${text}` });

const write = (directory: string, set: FileSet, files: FileSystem = realFileSystem) =>
  writeSet(directory, set, LOOK, AT, { files, random: systemRandom });

/** As the other container reads: each name through its own link. */
const readAs = (directory: string, name: string): string => readFileSync(join(directory, name), 'utf8');
const clear = (set: FileSet | undefined): Record<string, string> =>
  Object.fromEntries([...(set ?? [])].map(([name, value]) => [name, value.reveal()]));

/** Fails the nth call, and where `dies` every one after it, as a process that was killed. */
const failing = (
  nth: number,
  code: string,
  dies = false,
): { readonly files: FileSystem; readonly calls: () => number } => {
  let calls = 0;
  const files = new Proxy(realFileSystem, {
    get:
      (target, name: keyof FileSystem) =>
      async (...args: never[]) => {
        calls += 1;
        if (calls === nth || (dies && calls > nth)) throw Object.assign(new Error(code), { code });
        return (target[name] as (...args: never[]) => Promise<unknown>)(...args);
      },
  });
  return { files, calls: () => calls };
};

describe('a set of files', () => {
  test('is written as the kubelet writes it: links through ..data, configured mode, nothing else beside it', async () => {
    const directory = freshDirectory();
    await write(directory, pair('one'));
    expect(readlinkSync(join(directory, 'client.crt'))).toBe('..data/client.crt');
    expect(readlinkSync(join(directory, '..data'))).toMatch(/^\.\.2026_11_25_01_30_00\.[0-9a-f]{8}$/);
    expect(statSync(join(directory, 'client.key')).mode & 0o777).toBe(0o440);
    expect(lstatSync(join(directory, readlinkSync(join(directory, '..data')))).mode & 0o777).toBe(0o755);
    expect(readdirSync(directory)).toHaveLength(4);
    expect(clear(await readSet(directory, realFileSystem))).toEqual({
      'client.crt': 'crt one',
      'client.key': 'key one',
    });
  });

  test('belongs to the group of a directory that hands it on, as the kubelet sets it for fsGroup', async () => {
    const directory = freshDirectory();
    chmodSync(directory, 0o2777);
    await write(directory, pair('one'));
    const written = join(directory, readlinkSync(join(directory, '..data')));
    expect(statSync(written).mode & 0o7777).toBe(0o2755);
    expect(statSync(join(directory, 'client.key')).gid).toBe(statSync(directory).gid);
  });

  test('that is replaced has strictly newer times, even where the clock was set back', async () => {
    const directory = freshDirectory();
    await write(directory, pair('one'));
    const ahead = Date.now() / 1000 + 3600;
    utimesSync(join(directory, 'client.crt'), ahead, ahead);
    const before = statSync(join(directory, 'client.crt'), { bigint: true }).mtimeNs;
    await write(directory, pair('two'));
    expect(statSync(join(directory, 'client.crt'), { bigint: true }).mtimeNs > before).toBe(true);
    expect(readAs(directory, 'client.crt')).toBe('crt two');
  });

  test('keeps the one before until leftovers are cleared, for a reader that is just opening it', async () => {
    const directory = freshDirectory();
    await write(directory, pair('one'));
    const old = join(directory, readlinkSync(join(directory, '..data')));
    await write(directory, pair('two'));
    expect(readFileSync(join(old, 'client.key'), 'utf8')).toBe('key one');
    await clearLeftovers(directory, realFileSystem);
    expect(readdirSync(directory).filter((name) => name.startsWith('..2'))).toHaveLength(1);
    expect(readAs(directory, 'client.key')).toBe('key two');
  });

  test('gives up names that it no longer has', async () => {
    const directory = freshDirectory();
    await write(directory, setOf({ a: '1', b: '2', '.own': 'x' }));
    await write(directory, setOf({ a: '1' }));
    await clearLeftovers(directory, realFileSystem);
    expect(readdirSync(directory).filter((name) => !name.startsWith('..'))).toEqual(['a']);
  });

  test('never replaces a file that somebody else put there', async () => {
    const directory = freshDirectory();
    writeFileSync(join(directory, 'client.crt'), 'theirs');
    await expect(write(directory, pair('one'))).rejects.toThrow(/client\.crt is there and is no link/);
    expect(readAs(directory, 'client.crt')).toBe('theirs');
  });

  test('is undefined where none was ever completed', async () => {
    expect(await readSet(freshDirectory(), realFileSystem)).toBeUndefined();
    const crashed = freshDirectory();
    mkdirSync(join(crashed, '..2026_11_25_01_30_00.aaaaaaaa'));
    expect(await readSet(crashed, realFileSystem)).toBeUndefined();
  });
});

describe('a reader that resolves ..data at any moment', () => {
  test('sees one whole set, whatever was written and wherever a write was cut off', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ text: fc.stringMatching(/^[0-9a-f]{1,4}$/), cut: fc.option(fc.nat(40)) }), {
          minLength: 1,
          maxLength: 5,
        }),
        async (writes) => {
          const directory = freshDirectory();
          await write(directory, pair('first'));
          const seen: string[] = [];
          const look = (): void => {
            const data = join(directory, readlinkSync(join(directory, '..data')));
            const [crt, key] = ['client.crt', 'client.key'].map((name) =>
              readFileSync(join(data, name), 'utf8'),
            );
            expect(crt?.slice(4)).toBe(key?.slice(4));
            seen.push(crt ?? '');
          };
          const watched = new Proxy(realFileSystem, {
            get:
              (target, name: keyof FileSystem) =>
              async (...args: never[]) => {
                look();
                const result = await (target[name] as (...args: never[]) => Promise<unknown>)(...args);
                look();
                return result;
              },
          });
          for (const { text, cut } of writes) {
            if (cut === null) await write(directory, pair(text), watched);
            else
              await write(directory, pair(text), failing(cut + 1, 'EIO', true).files).catch(() => undefined);
            look();
          }
          await clearLeftovers(directory, watched);
          look();
          expect(readdirSync(directory).toSorted()).toEqual(
            ['..data', readlinkSync(join(directory, '..data')), 'client.crt', 'client.key'].toSorted(),
          );
        },
      ),
      { numRuns: 30 },
    );
  }, 30_000);
});

describe('a write that fails', () => {
  test.each([
    ['ENOSPC', 'transient', 'no space left'],
    ['EROFS', 'refused', 'read-only'],
    ['EACCES', 'refused', 'may not write there'],
    ['EPERM', 'refused', 'owner, group or mode'],
    ['EIO', 'transient', 'EIO'],
  ])(
    'with %s is named, and at no call leaves anything but the old content',
    async (code, kind, words) => {
      const directory = freshDirectory();
      await write(directory, pair('old'));
      const whole = failing(0, code);
      await write(directory, pair('old'), whole.files);
      for (let nth = 1; nth <= whole.calls(); nth += 1) {
        const error = await write(directory, pair('new'), failing(nth, code).files).then(
          () => undefined,
          (failure: unknown) => failure,
        );
        if (error === undefined) continue;
        expect(error).toBeInstanceOf(RotatorError);
        expect(error).toMatchObject({ kind });
        expect((error as RotatorError).what).toContain(words);
        expect(readAs(directory, 'client.crt')).toBe('crt old');
        expect(readAs(directory, 'client.key')).toBe('key old');
      }
    },
    30_000,
  );

  test('for want of a directory says so', async () => {
    await expect(write(join(freshDirectory(), 'nowhere'), pair('one'))).rejects.toMatchObject({
      kind: 'refused',
      what: expect.stringContaining('it is not there'),
    });
  });
});
