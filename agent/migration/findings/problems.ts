/**
 * What is wrong or has to be known, as findings: one question a function, listed here.
 *
 * **Invariant:** looking judges and changes nothing; `blocking` is what keeps a plan from being made at all.
 */
import type { Discovery } from '../../argocd/discover.ts';
import type { MigrationFindings } from '../../model/migration-findings.ts';
import type { Finding } from '../../model/plan.ts';
import { ambiguous, emptyNamespaces, noArgoCd, type Unreadable, unreadable } from './access-problems.ts';
import {
  caWithoutKey,
  cnOnly,
  datesOf,
  leafOfAnotherRoot,
  orphans,
  weakCertificates,
} from './certificate-problems.ts';
import { closedKeys, closedStores, encodedTwice, exposedKeys, lonelyKeys } from './key-problems.ts';
import {
  keptWorkloads,
  meshes,
  oldVersions,
  otherRestarters,
  otherWriters,
  ownVolumes,
} from './workload-problems.ts';

export type { Unreadable } from './access-problems.ts';

/** Everything that was found, before it is judged. */
export type Looked = Omit<MigrationFindings, 'problems'>;

/** What is known beside the findings. */
interface Seeing {
  readonly discovery: Discovery;
  readonly unreadable: readonly Unreadable[];
  readonly empty: readonly string[];
}

export type Question = (looked: Looked) => readonly Finding[];

const QUESTIONS: readonly Question[] = [
  datesOf,
  leafOfAnotherRoot,
  orphans,
  cnOnly,
  weakCertificates,
  caWithoutKey,
  lonelyKeys,
  closedKeys,
  exposedKeys,
  closedStores,
  encodedTwice,
  oldVersions,
  ownVolumes,
  otherRestarters,
  keptWorkloads,
  meshes,
  otherWriters,
];

const WEIGHT = { blocking: 0, warning: 1, info: 2 } as const;

/** The gravest first. */
export const problemsOf = (
  looked: Looked,
  { discovery, unreadable: refused, empty }: Seeing,
): readonly Finding[] =>
  [
    ...noArgoCd(looked, discovery),
    ...ambiguous(discovery),
    ...unreadable(looked, refused),
    ...emptyNamespaces(empty),
    ...QUESTIONS.flatMap((question) => question(looked)),
  ].toSorted((a, b) => WEIGHT[a.severity] - WEIGHT[b.severity]);
