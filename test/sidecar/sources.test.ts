/** What a sidecar says of a directory that it may not read. */
import { expect, test } from '@jest/globals';
import { parseSidecarConfig } from '../../agent/config/sidecar-parse.ts';
import { createSidecarSources } from '../../agent/sidecar/sources.ts';
import type { FileFacts, FileTree } from '../../integrations/mounted/file-tree.ts';
import { manualClock } from '../kit/api-server/clock.ts';

const facts = (kind: FileFacts['kind'], identity: string): FileFacts => ({
  kind,
  identity,
  bytes: 100,
  modified: 0n,
  changed: 0n,
  mode: 0o400,
});

/** A Secret volume that belongs to root, with mode 0400. */
const unreadable: FileTree = {
  list: async () => ['ca.crt', 'tls.crt', 'tls.key'],
  resolve: async (path) => {
    if (path.endsWith('..data')) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    return path;
  },
  look: async (path) => facts(path === '/in' ? 'directory' : 'file', path),
  read: async () => {
    throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
  },
};

test.each([
  ['a pair', 'component: server\nsources: { client: { directory: /in } }'],
  ['CAs', 'component: repo-server\nsources: { clientCa: [{ directory: /in }] }'],
])('%s that may not be read are named with the file, the code and the mend', async (_what, config) => {
  const parsed = parseSidecarConfig(
    `apiVersion: mtls-rotator/v1alpha1\nkind: SidecarConfig\n${config}\napi: none\n`,
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const { leaf, bundles } = createSidecarSources(parsed.settings, {
    tree: unreadable,
    clock: manualClock(),
    onRefused: () => undefined,
  });
  const reading = await (leaf ?? bundles[0])?.read();
  expect(reading).toMatchObject({
    state: 'unreachable',
    why: expect.stringMatching(/may not open the file \/in\/(ca|tls)\.crt \(EACCES\)/),
    next: expect.stringContaining('fsGroup'),
  });
});
