/**
 * An Argo CD with sidecars, from `manifests/components/sidecar-…` by Kustomize, as a user would have it.
 *
 * **Invariant:** the pods and their rights are those of the components; only the image's name and what a test says of the configuration differ.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import type { Component } from '../../../agent/model/terms.ts';
import { type ArgoCdOptions, argoCdObjects, argoCdReady, type Manifest } from '../harness/argocd.ts';
import type { ClusterUnderTest } from '../harness/cluster-under-test.ts';
import { folders } from '../harness/settings.ts';
import { shell } from '../harness/shell.ts';

const NAME = 'argocd-mtls-rotator';
const components = join(folders.repository, 'manifests', 'components');

export interface SidecarInstall {
  readonly image: string;
  readonly argoCd: ArgoCdOptions;
  /** Which of them have a sidecar. */
  readonly beside: readonly Component[];
  /** Laid over the configuration that each component comes with. */
  readonly options?: Readonly<Record<string, unknown>>;
}

const configPatch = (component: Component, options: Readonly<Record<string, unknown>>) => {
  const name = `${NAME}-sidecar-${component}-config`;
  const shipped = parse(readFileSync(join(components, `sidecar-${component}`, 'sidecar.yaml'), 'utf8'));
  return {
    target: { kind: 'ConfigMap', name },
    patch: stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { 'sidecar.yaml': stringify({ ...shipped, ...options }) },
    }),
  };
};

/** Workloads with their sidecars, and what the components bring along. */
const rendered = async (install: SidecarInstall): Promise<readonly Manifest[]> => {
  const { image, argoCd, beside, options = {} } = install;
  const workloads = (await argoCdObjects(argoCd)).filter(
    ({ kind, metadata }) =>
      (kind === 'Deployment' || kind === 'StatefulSet') && metadata.name !== 'argocd-redis',
  );
  const folder = mkdtempSync(join(tmpdir(), 'mtls-rotator-sidecars-'));
  try {
    writeFileSync(join(folder, 'workloads.yaml'), workloads.map((one) => stringify(one)).join('---\n'));
    writeFileSync(
      join(folder, 'kustomization.yaml'),
      stringify({
        namespace: argoCd.namespace,
        resources: ['workloads.yaml'],
        components: beside.map((component) => relative(folder, join(components, `sidecar-${component}`))),
        images: [
          { name: NAME, newName: image.slice(0, image.lastIndexOf(':')), newTag: image.split(':').at(-1) },
        ],
        patches: beside.map((component) => configPatch(component, options)),
      }),
    );
    const text = await shell('kubectl', ['kustomize', folder]);
    return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Applies it, and waits until every pod is Ready. */
export const installSidecars = async (
  { api }: Pick<ClusterUnderTest, 'api'>,
  install: SidecarInstall,
): Promise<void> => {
  const objects = await rendered(install);
  const isWorkload = ({ kind }: Manifest): boolean => kind === 'Deployment' || kind === 'StatefulSet';
  // As kubectl orders them: what pods need is there first.
  for (const object of objects.filter((one) => !isWorkload(one))) await api.apply(object);
  for (const object of objects.filter(isWorkload)) await api.apply(object);
  await argoCdReady(api, install.argoCd.namespace);
};
