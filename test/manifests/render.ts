/** Renders kustomizations as an operator does, with `kubectl kustomize`. Needs no cluster. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly Rule[];
  readonly subjects?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
  }[];
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
}

export const render = (folder: string): readonly Manifest[] => {
  let text: string;
  try {
    text = execFileSync('kubectl', ['kustomize', folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    throw new Error(`kubectl kustomize ${folder} failed; kubectl 1.30 or newer must be on the PATH`, {
      cause: error,
    });
  }
  const documents = parseAllDocuments(text);
  return 'empty' in documents ? [] : documents.map((document): Manifest => document.toJS());
};

/** A kustomization made of the given resources and components (below `manifests/`), and files beside it, in a folder of its own. */
export const renderOf = (
  kustomization: {
    readonly namespace?: string;
    readonly resources?: readonly string[];
    readonly components?: readonly string[];
    readonly patches?: readonly object[];
  },
  files: Readonly<Record<string, unknown>> = {},
): readonly Manifest[] => {
  mkdirSync('.tmp', { recursive: true });
  const folder = mkdtempSync(join('.tmp', 'kustomize-'));
  try {
    const below = (path: string): string =>
      path in files || `${path}/kustomization.yaml` in files ? path : join('../../manifests', path);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(resolve(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), stringify(content));
    }
    writeFileSync(
      join(folder, 'kustomization.yaml'),
      stringify({
        apiVersion: 'kustomize.config.k8s.io/v1beta1',
        kind: 'Kustomization',
        ...kustomization,
        resources: kustomization.resources?.map(below) ?? [],
        components: kustomization.components?.map(below) ?? [],
      }),
    );
    return render(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
