/**
 * A workload after somebody applied a printed patch, as the two programs that people use apply it. Needs kubectl, and no cluster.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { toWorkload } from '../../../agent/kube/convert-workload.ts';
import { asObject } from '../../../agent/kube/json.ts';
import type { Workload } from '../../../agent/model/workload.ts';
import { manifestOf } from './manifest.ts';

const kubectl = (...args: readonly string[]): string =>
  execFileSync('kubectl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Everything that a patch of a workload can change; the rest of it stays as it was. */
const merged = (workload: Workload, text: string): Workload => {
  const read = toWorkload(workload.ref.kind, asObject(parse(text)));
  const { template, annotations, strategy, paused } = read;
  return { ...workload, template, annotations, strategy, paused };
};

const inFolder = <T>(use: (folder: string) => T): T => {
  mkdirSync('.tmp', { recursive: true });
  const folder = mkdtempSync(join('.tmp', 'patch-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** `kubectl patch --patch-file`, on a file instead of a server. */
export const patchedByKubectl = (workload: Workload, patch: string): Workload =>
  inFolder((folder) => {
    const [object, change] = [join(folder, 'object.yaml'), join(folder, 'patch.yaml')];
    writeFileSync(object, stringify(manifestOf(workload)));
    writeFileSync(change, patch);
    return merged(
      workload,
      kubectl('patch', '--local', '--type=strategic', '-f', object, '--patch-file', change, '-o', 'yaml'),
    );
  });

/** The patch named by a kustomization, as people keep it in Git. */
export const patchedByKustomize = (workload: Workload, patch: string): Workload =>
  inFolder((folder) => {
    writeFileSync(join(folder, 'object.yaml'), stringify(manifestOf(workload)));
    writeFileSync(join(folder, 'patch.yaml'), patch);
    writeFileSync(
      join(folder, 'kustomization.yaml'),
      stringify({ resources: ['object.yaml'], patches: [{ path: 'patch.yaml' }] }),
    );
    return merged(workload, kubectl('kustomize', folder));
  });
