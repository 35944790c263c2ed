/** The volumes that people are told to give their Argo CD are the ones that each layout needs. */
import { readFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { parse } from 'yaml';
import { preflight } from '../../agent/diagnosis/preflight.ts';
import { toWorkload } from '../../agent/kube/convert-workload.ts';
import { asObject } from '../../agent/kube/json.ts';
import type { LayoutType } from '../../agent/model/settings.ts';
import type { PodTemplate, Workload } from '../../agent/model/workload.ts';
import { manifestOf } from '../kit/argocd/manifest.ts';
import { healthyInstall, inputOf } from '../kit/argocd/preflight.ts';
import { withContainer, withoutMtls } from '../kit/argocd/variants.ts';
import { renderOf } from './render.ts';

/** kubectl renders the components. */
jest.setTimeout(60_000);

const complaints = (workloads: readonly Workload[], type: LayoutType): readonly string[] =>
  preflight(
    inputOf({ workloads, settings: { layout: { type, previous: undefined, keys: {}, names: {} } } }),
  ).map(({ severity, code, about }) => `${severity} ${code} ${about}`);

/** The default install as Kustomize gives it with one of the components. */
const built = (component: string): readonly Workload[] => {
  const files = Object.fromEntries(
    healthyInstall().map((workload, index) => [`${index}.yaml`, manifestOf(workload)]),
  );
  const rendered = renderOf(
    { resources: Object.keys(files), components: [`components/${component}`] },
    files,
  );
  return healthyInstall().map((workload) => {
    const one = rendered.find(
      ({ kind, metadata }) => kind === workload.ref.kind && metadata.name === workload.ref.name,
    );
    return { ...workload, template: toWorkload(workload.ref.kind, asObject(one)).template };
  });
};

describe.each<[string, LayoutType]>([
  ['option-a', 'keys'],
  ['option-b', 'secrets'],
])('components/%s', (component, type) => {
  test(`gives a default install all that layout ${type} needs`, () => {
    expect(complaints(healthyInstall(), type).length).toBeGreaterThanOrEqual(4);
    expect(complaints(built(component), type)).toEqual([]);
  });

  test('adds no volume', () => {
    const count = (workloads: readonly Workload[]) =>
      workloads.map(({ template }) => template.volumes.length);
    expect(count(built(component))).toEqual(count(healthyInstall()));
  });
});

/** Each component by the chart's name for it, and the chart's names for its lists. */
const CHART = [
  ['argocd-repo-server', 'repoServer', 'volumes', 'volumeMounts'],
  ['argocd-server', 'server', 'volumes', 'volumeMounts'],
  ['argocd-application-controller', 'controller', 'volumes', 'volumeMounts'],
  ['argocd-applicationset-controller', 'applicationSet', 'extraVolumes', 'extraVolumeMounts'],
  ['argocd-notifications-controller', 'notifications', 'extraVolumes', 'extraVolumeMounts'],
] as const;

test("docs/layouts.md's values give a chart without mTLS volumes all that layout keys needs", () => {
  const text = /```yaml\n(# values.yaml[\s\S]*?)```/.exec(readFileSync('docs/layouts.md', 'utf8'))?.[1] ?? '';
  const values = parse(text);
  const workloads = healthyInstall().map((workload): Workload => {
    const [, chart, volumes, mounts] = CHART.find(([name]) => name === workload.ref.name) ?? [];
    if (chart === undefined) throw new Error(`${workload.ref.name} has no values`);
    // Variables are left as the default install has them: what is held here are the volumes.
    const env = workload.template.containers[0]?.env ?? [];
    const bare = manifestOf(withContainer(withoutMtls(workload), () => ({ env })));
    const spec = bare.spec.template.spec;
    const [main] = spec.containers;
    const template: PodTemplate = toWorkload(
      workload.ref.kind,
      asObject({
        ...bare,
        spec: {
          ...bare.spec,
          template: {
            ...bare.spec.template,
            spec: {
              ...spec,
              volumes: [...spec.volumes, ...values[chart][volumes]],
              containers: [
                { ...main, volumeMounts: [...(main?.volumeMounts ?? []), ...values[chart][mounts]] },
              ],
            },
          },
        },
      }),
    ).template;
    return { ...workload, template };
  });
  expect(complaints(workloads, 'keys')).toEqual([]);
});
