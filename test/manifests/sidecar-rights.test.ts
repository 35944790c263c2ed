/** Sidecars replace a CA under the shipped Roles: nothing that they ask for is forbidden, and nothing that they are granted goes unused. */
import { afterEach, expect, test } from '@jest/globals';
import { newTruth, SidecarInstallation } from '../sidecar/installation.ts';
import { renderOf } from './render.ts';

const LIMIT = 60_000;

const [first, second] = [newTruth(), newTruth()];
const installation = new SidecarInstallation(first);
afterEach(() => installation.close());

const rules = () =>
  renderOf({
    namespace: 'argocd',
    components: ['components/sidecar-repo-server', 'components/sidecar-server'],
  })
    .flatMap((one) => (one.kind === 'Role' ? (one.rules ?? []) : []))
    .map((rule) => ({ ...rule, namespaces: ['argocd'] }));

test(
  'a CA is replaced, pods evicted and all, under the Roles of the components',
  async () => {
    const granted = rules();
    await installation.start();
    installation.api.setRules(granted);
    await installation.until(() => installation.isOn(first), 'everybody begins');
    await installation.remount(second);
    await installation.until(() => installation.isOn(second), 'everybody is on the new CA');

    const { api } = installation;
    expect(api.violations).toEqual([]);
    expect(api.writes.filter(({ status }) => status === 403)).toEqual([]);
    const used = new Set([
      ...api.calls.map((call) => {
        const [verb, resource, object = ''] = call.split(' ');
        return `${verb} ${resource} ${resource?.startsWith('pods') ? '*' : object.split('/')[1]}`;
      }),
      ...api.writes
        .filter(({ status, name }) => status === 201 && name !== undefined)
        .map(({ resource, name }) => `create ${resource} ${resource.startsWith('pods') ? '*' : name}`),
    ]);
    const unused = granted
      .flatMap(({ verbs, resources, resourceNames = ['*'] }) =>
        resources.flatMap((resource) =>
          verbs.flatMap((verb) => resourceNames.map((name) => `${verb} ${resource} ${name}`)),
        ),
      )
      .filter((right) => !used.has(right));
    // Clients that do not verify repo-server are never restarted, so server's sidecars never take a turn.
    expect([...new Set(unused)].toSorted()).toEqual([
      'create leases argocd-mtls-rotator-sidecar-server',
      'patch leases argocd-mtls-rotator-sidecar-server',
    ]);
  },
  LIMIT,
);
