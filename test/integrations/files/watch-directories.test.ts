/**
 * Changes of mounted directories are noticed, by inotify or without it.
 */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Clock } from '../../../agent/ports.ts';
import { systemClock } from '../../../agent/runtime/system-clock.ts';
import { realFileTree } from '../../../integrations/mounted/file-tree.ts';
import {
  type DirectoryWatch,
  type OpenWatch,
  watchDirectories,
} from '../../../integrations/mounted/watch-directories.ts';
import { Mount } from '../../kit/files/mount.ts';

// File events come when the machine gets to them.
jest.setTimeout(30_000);

const NEVER = 3_600_000;
const OFTEN = 200;
/** Twenty times as fast: only pauses are waited for here, and file events come by themselves. */
const briskClock: Pick<Clock, 'after'> = {
  after: (delay, callback) => systemClock.after(delay / 20, callback),
};
let mount: Mount;
let watch: DirectoryWatch | undefined;
beforeEach(() => {
  mount = new Mount();
});
afterEach(async () => {
  await watch?.stop();
  mount.clear();
});

/** A watch that counts; `next` resolves with the wake-up after the call. */
const start = async (poll: number, open?: OpenWatch) => {
  const refused: string[] = [];
  let woken: () => void = () => undefined;
  const next = () =>
    new Promise<void>((resolve) => {
      woken = resolve;
    });
  const first = next();
  watch = watchDirectories(
    { tree: realFileTree, clock: briskClock, ...(open === undefined ? {} : { open }) },
    {
      directories: [mount.directory],
      poll,
      onChange: () => woken(),
      onRefused: (_, code) => refused.push(code),
    },
  );
  await watch.ready;
  await first;
  return { next, refused };
};

const FULL: OpenWatch = (_, __, onError) => {
  onError(Object.assign(new Error('in a test'), { code: 'ENOSPC' }));
  return { ready: Promise.resolve(), close: () => Promise.resolve() };
};

describe.each<[string, number, OpenWatch | undefined]>([
  ['by inotify', NEVER, undefined],
  ['by looking, where inotify is refused', OFTEN, FULL],
])('%s', (_, poll, open) => {
  test.each<[string, () => void]>([
    ['a swap of ..data', () => mount.swap({ 'tls.crt': 'new' })],
    ['a renamed file', () => mount.replace({ 'tls.crt': 'new' })],
    ['a file that is written over', () => mount.write({ 'tls.crt': 'new' })],
    ['a new file', () => mount.write({ 'tls.key': 'new' })],
    ['a file that is taken away', () => mount.drop('tls.crt')],
  ])('%s wakes', async (__, change) => {
    mount.write({ 'tls.crt': 'old' });
    const { next } = await start(poll, open);
    const woken = next();
    change();
    await woken;
  });
});

test('that inotify is refused is told once, with its code', async () => {
  mount.write({ 'tls.crt': 'old' });
  const { next, refused } = await start(OFTEN, FULL);
  const woken = next();
  mount.write({ 'tls.crt': 'newer' });
  await woken;
  expect(refused).toEqual(['ENOSPC']);
});

test('a directory that goes and comes back wakes each time, and is watched again', async () => {
  mount.swap({ 'tls.crt': 'old' });
  const { next } = await start(OFTEN);
  let woken = next();
  mount.remove();
  await woken;
  woken = next();
  mount.bringBack();
  await woken;
  woken = next();
  mount.swap({ 'tls.crt': 'new' });
  await woken;
});

test('a directory that is not there yet is no error, and wakes when it comes', async () => {
  mount.remove();
  const { next, refused } = await start(OFTEN);
  const woken = next();
  mount.bringBack();
  mount.write({ 'tls.crt': 'new' });
  await woken;
  expect(refused).toEqual([]);
});

test('after it was stopped nothing wakes', async () => {
  const { next } = await start(OFTEN);
  let wakes = 0;
  void next().then(() => {
    wakes += 1;
  });
  await watch?.stop();
  mount.write({ 'tls.crt': 'new' });
  await new Promise((resolve) => systemClock.after(100, () => resolve(undefined)));
  expect(wakes).toBe(0);
});
