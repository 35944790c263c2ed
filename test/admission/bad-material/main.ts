/**
 * `npm run bad-material`: the table, and what Argo CD's own code says of each row. Needs Go (through test/cluster/bin/build), no cluster.
 *
 * **Invariant:** ends with an error where the table is not as Go is.
 */
import { program } from '../../cluster/harness/parts.ts';
import { judgedByGo } from './ask-go.ts';
import { disagreements } from './disagreements.ts';
import { goTakes } from './row.ts';
import { BAD_MATERIAL } from './table.ts';

const judged = judgedByGo(await program('tlsjudge'), BAD_MATERIAL);
/** Go quotes what it read. */
const printable = (text: string): string => text.replaceAll(/[^ -~]/g, '?');
const wide = (text: string, width: number): string => text.padEnd(width);
for (const { row, asItCame } of judged) {
  const { client, server } = asItCame;
  const go = client === 'fine' && server === 'fine' ? 'takes it' : client === 'fine' ? server : client;
  console.log(
    `${wide(row.role, 8)}${wide(row.by, 11)}${wide(row.admission, 21)}${row.name}  |  Go: ${printable(go)}`,
  );
  if (row.differs !== undefined) console.log(`${' '.repeat(40)}${row.differs}`);
}
const wrong = disagreements(judged);
for (const line of wrong) console.error(line);
const accepted = judged.filter(({ row }) => row.admission === 'accepted').length;
const stricter = judged.filter(({ row }) => row.admission !== 'accepted' && goTakes(row)).length;
const mended = judged.filter(({ row }) => row.admission === 'accepted' && !goTakes(row)).length;
console.log(
  `${judged.length} kinds of material: ${judged.length - accepted} refused (${stricter} of which Go takes, each with its reason), ` +
    `${accepted} accepted (${mended} written anew so that Go takes them); ${wrong.length} not as the table says`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;
