/**
 * The migration's journal in its ConfigMap, one a namespace.
 *
 * **Invariant:** each write is bound to the version that was read; a record of a newer program is refused before anything is written.
 */
import { RotatorError } from '../../model/errors.ts';
import { MIGRATION_STEPS, type MigrationStepId } from '../../model/migration.ts';
import {
  MIGRATION_JOURNAL_VERSION,
  type MigrationJournal,
  TRUST_BEFORE,
} from '../../model/migration-journal.ts';
import { PRODUCT } from '../../model/product.ts';
import type { StoredConfigMap } from '../../model/stored.ts';
import type { Cluster } from '../../ports.ts';
import { isRecord } from '../../rotation/journal-shape.ts';
import { preconditionOf } from '../../rotation/previous.ts';
import { MIGRATION_MARK } from './plan-id.ts';

export const MIGRATION_JOURNAL = `${PRODUCT}-migration`;
const KEY = 'journal';

const unusable = (namespace: string, why: string, next: string): RotatorError =>
  new RotatorError('refused', {
    what: `ConfigMap ${namespace}/${MIGRATION_JOURNAL}: ${why}`,
    effect: 'Nothing was written; traffic is as it was.',
    next,
  });

const stepIds: readonly string[] = MIGRATION_STEPS;
const isStepId = (value: unknown): value is MigrationStepId =>
  typeof value === 'string' && stepIds.includes(value);

const isDone = (value: unknown): value is MigrationJournal['done'][number] =>
  isRecord(value) && isStepId(value.id) && typeof value.at === 'string';

const isStep = (value: unknown): value is MigrationJournal['step'] =>
  value === undefined || (isRecord(value) && typeof value.id === 'string' && typeof value.since === 'string');

const isJournal = (value: Record<string, unknown>): boolean =>
  typeof value.plan === 'string' &&
  (value.state === 'running' || value.state === 'undoing' || value.state === 'handed-over') &&
  typeof value.startedAt === 'string' &&
  TRUST_BEFORE.some((each) => each === value.trustBefore) &&
  Array.isArray(value.openedBefore) &&
  value.openedBefore.every((name) => typeof name === 'string') &&
  isStep(value.step) &&
  Array.isArray(value.done) &&
  value.done.every(isDone);

/** @throws RotatorError `refused` where it can't be read, or a newer program wrote it. */
export const decodeMigrationJournal = (text: string | undefined, namespace: string): MigrationJournal => {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    value = undefined;
  }
  if (isRecord(value) && typeof value.version === 'number' && value.version > MIGRATION_JOURNAL_VERSION)
    throw unusable(
      namespace,
      `it was written in format ${value.version}, this program knows format ${MIGRATION_JOURNAL_VERSION}.`,
      'Go on with the version that wrote it, or a newer one.',
    );
  if (!isRecord(value) || !isJournal(value))
    throw unusable(
      namespace,
      'it holds no journal of a migration.',
      'Somebody changed or made it. Restore it; where no migration is under way, delete it.',
    );
  return value as unknown as MigrationJournal;
};

export class MigrationJournalStore {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  #stored: StoredConfigMap | undefined;

  constructor(cluster: Cluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
  }

  /** `undefined`: no migration is under way. @throws ApiError, RotatorError */
  async read(): Promise<MigrationJournal | undefined> {
    this.#stored = await this.#cluster.readConfigMap(this.#namespace, MIGRATION_JOURNAL);
    return this.#stored === undefined
      ? undefined
      : decodeMigrationJournal(this.#stored.data[KEY], this.#namespace);
  }

  /** Uid of what was read; for its end. */
  get uid(): string | undefined {
    return this.#stored?.uid;
  }

  /** @throws ApiError `conflict` where somebody else wrote in between: another `migrate` is at work. */
  async write(journal: MigrationJournal): Promise<void> {
    this.#stored = await this.#cluster.applyConfigMap(
      {
        namespace: this.#namespace,
        name: MIGRATION_JOURNAL,
        labels: { 'app.kubernetes.io/managed-by': PRODUCT },
        annotations: { [MIGRATION_MARK]: journal.plan },
        data: { [KEY]: JSON.stringify(journal) },
        ownership: 'refuse-conflicts',
      },
      preconditionOf(this.#stored),
    );
  }
}
