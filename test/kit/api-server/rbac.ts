/**
 * Who may do what: RBAC rules as a table.
 *
 * **Invariant:** what no rule allows is forbidden; `admin` is not asked.
 */
import type { Kind } from './kinds.ts';
import { forbidden } from './status.ts';

/** One rule, in the words of a Role; `*` stands for all. A rule without `users` is for every user but admin. */
export interface Rule {
  readonly users?: readonly string[];
  readonly namespaces: readonly string[];
  readonly apiGroups: readonly string[];
  /** With subresource where one is meant: `pods/eviction`. */
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

export const ALLOW_ALL: readonly Rule[] = [
  { namespaces: ['*'], apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
];

export const ADMIN = 'admin';

/** Somebody at a terminal who runs `migrate`: rules count, the agent's surface doesn't. */
export const OPERATOR = 'operator';

/** `operator`, and `operator-2`, …: each process has a life of its own. */
export const isOperator = (user: string): boolean => user === OPERATOR || user.startsWith(`${OPERATOR}-`);

export interface Attempt {
  readonly user: string;
  readonly verb: string;
  readonly kind: Kind;
  readonly subresource: string | undefined;
  readonly namespace: string;
  readonly name: string | undefined;
}

const has = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value);

/** Resource as rules name it: `pods`, `pods/eviction`. */
export const resourceOf = (attempt: Attempt): string =>
  attempt.subresource === undefined ? attempt.kind.plural : `${attempt.kind.plural}/${attempt.subresource}`;

/** @throws {StatusError} 403 in the API's own words. */
export const authorize = (rules: readonly Rule[], attempt: Attempt): void => {
  const { user, verb, kind, namespace, name } = attempt;
  if (user === ADMIN) return;
  const allowed = rules.some(
    (rule) =>
      (rule.users === undefined || has(rule.users, user)) &&
      has(rule.namespaces, namespace) &&
      has(rule.apiGroups, kind.group) &&
      has(rule.resources, resourceOf(attempt)) &&
      has(rule.verbs, verb) &&
      (rule.resourceNames === undefined || (name !== undefined && has(rule.resourceNames, name))),
  );
  if (!allowed) throw forbidden(kind, name, user, verb, resourceOf(attempt), namespace);
};
