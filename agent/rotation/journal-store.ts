/**
 * The journal in its ConfigMap, one an instance.
 *
 * **Invariant:** each write is bound to the version that was read; somebody else's write in between is a conflict, never lost.
 */
import type { JournalRecord } from '../model/journal-record.ts';
import { ANNOTATION_PREFIX, PRODUCT } from '../model/product.ts';
import type { InstanceSettings } from '../model/settings.ts';
import type { Precondition, StoredConfigMap } from '../model/stored.ts';
import type { Cluster, JournalStore } from '../ports.ts';
import { decodeJournal, encodeJournal } from './journal.ts';

const JOURNAL_KEY = 'journal';

export const createJournalStore = (
  cluster: Cluster,
  settings: Pick<InstanceSettings, 'namespace' | 'name' | 'names'>,
  onDamage: () => void,
): JournalStore => {
  const { namespace, names } = settings;
  let stored: StoredConfigMap | undefined;
  const precondition = (): Precondition =>
    stored === undefined
      ? { expect: 'absent' }
      : { expect: 'version', uid: stored.uid, resourceVersion: stored.resourceVersion };
  return {
    read: async () => {
      stored = await cluster.readConfigMap(namespace, names.journalConfigMap);
      const { record, damaged } = decodeJournal(stored?.data[JOURNAL_KEY]);
      if (damaged) onDamage();
      return record;
    },
    write: async (record: JournalRecord) => {
      stored = await cluster.applyConfigMap(
        {
          namespace,
          name: names.journalConfigMap,
          labels: { 'app.kubernetes.io/managed-by': PRODUCT },
          annotations: { [`${ANNOTATION_PREFIX}/instance`]: settings.name },
          data: { [JOURNAL_KEY]: encodeJournal(record) },
          // The agent's own object: whoever edited it by hand must not stop a rotation half-way.
          ownership: 'adopt',
        },
        precondition(),
      );
    },
  };
};
