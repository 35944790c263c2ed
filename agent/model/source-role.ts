/**
 * What the sources of one instance are for: the configuration's `clients` and `serving`, as one list.
 *
 * **Invariant:** a component has exactly one source; components that share one share its leaf.
 */
import type { InstanceSettings, SourceSpec } from './settings.ts';
import { CLIENT_COMPONENTS, type ClientComponent } from './terms.ts';

/** Short names by which the configuration calls the four clients. */
export const CLIENT_NAMES = {
  server: 'server',
  controller: 'application-controller',
  applicationset: 'applicationset-controller',
  notifications: 'notifications-controller',
} as const satisfies Readonly<Record<string, ClientComponent>>;
export type ClientName = keyof typeof CLIENT_NAMES;

export const clientNameOf = (component: ClientComponent): ClientName =>
  (Object.keys(CLIENT_NAMES) as ClientName[]).find((name) => CLIENT_NAMES[name] === component) as ClientName;

export type SourceRole = 'default' | ClientName | 'serving';

export interface RoleOfSource {
  readonly role: SourceRole;
  readonly spec: SourceSpec;
  readonly purpose: 'client' | 'serving';
  /** Clients that show its leaf; empty for `serving`. */
  readonly components: readonly ClientComponent[];
}

/** Every source of an instance. `default` is left out where each component has one of its own. */
export const sourceRoles = ({ clients, serving }: InstanceSettings): readonly RoleOfSource[] => {
  const own = CLIENT_COMPONENTS.filter((component) => clients.byComponent[component] !== undefined);
  const others = CLIENT_COMPONENTS.filter((component) => !own.includes(component));
  return [
    ...(others.length === 0
      ? []
      : [{ role: 'default', spec: clients.default, purpose: 'client', components: others } as const]),
    ...own.flatMap((component): readonly RoleOfSource[] => {
      const spec = clients.byComponent[component];
      return spec === undefined
        ? []
        : [{ role: clientNameOf(component), spec, purpose: 'client', components: [component] }];
    }),
    ...(serving === undefined
      ? []
      : [{ role: 'serving', spec: serving, purpose: 'serving', components: [] } as const]),
  ];
};

/** The Secret in which the source of that role keeps a pair until it is published. */
export const pendingSecretOf = ({ names }: InstanceSettings, role: SourceRole): string =>
  `${names.pendingSecret}-${role}`;
