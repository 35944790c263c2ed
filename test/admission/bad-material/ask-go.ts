/**
 * What Argo CD's own code says of each row, and of what would be published for each that is accepted, in one batch.
 *
 * **Invariant:** the program is told nothing of what is expected.
 */
import { spawnSync } from 'node:child_process';
import { type Admission, admit } from '../../../agent/admission/admit.ts';
import type { Material, RawMaterial } from '../../../agent/model/material.ts';
import { bundlePem } from '../../../agent/pki/bundle.ts';
import { HOST, NOON, type Row } from './row.ts';

export interface Said {
  readonly client: string;
  readonly server: string;
}

interface Question {
  readonly certificate: string;
  readonly key: string;
  readonly anchors: string;
}

export const admissionOf = (row: Row, raw: RawMaterial): Admission =>
  admit(raw, row.role, row.at ?? NOON, { dialledNames: [row.host ?? HOST] });

const asItCame = (raw: RawMaterial): Question => ({
  certificate: raw.certificatePem,
  key: raw.key.reveal(),
  anchors: raw.anchorsPem,
});

const asPublished = ({ leaf, anchors }: Material): Question => ({
  certificate: [leaf.certificate, ...leaf.intermediates].map(({ pem }) => pem).join(''),
  key: leaf.key.reveal(),
  anchors: bundlePem(anchors),
});

export interface Judged {
  readonly row: Row;
  readonly admission: Admission;
  readonly asItCame: Said;
  /** Of the material that admission made; there where it accepted it. */
  readonly asPublished: Said | undefined;
}

/** @param program the path of `tlsjudge` (test/cluster/parts/argocd/tlsjudge). */
export const judgedByGo = (program: string, rows: readonly Row[]): readonly Judged[] => {
  const asked = rows.map((row) => {
    const raw = row.raw();
    const admission = admissionOf(row, raw);
    const published = 'material' in admission ? asPublished(admission.material) : undefined;
    return { row, admission, came: asItCame(raw), published };
  });
  const line = (row: Row, question: Question): string =>
    JSON.stringify({ role: row.role, host: row.host ?? HOST, at: row.at ?? NOON, ...question });
  const lines = asked.flatMap(({ row, came, published }) => [
    line(row, came),
    ...(published === undefined ? [] : [line(row, published)]),
  ]);
  const ran = spawnSync(program, { input: `${lines.join('\n')}\n`, maxBuffer: 1 << 26 });
  if (ran.status !== 0)
    throw new Error(`${program} ended with ${ran.status}: ${ran.stderr?.toString() ?? ran.error}`);
  const answers: readonly Said[] = ran.stdout
    .toString()
    .trim()
    .split('\n')
    .map((answer) => JSON.parse(answer));
  if (answers.length !== lines.length)
    throw new Error(`${lines.length} questions, ${answers.length} answers`);
  const rest = answers.values();
  const next = (): Said => rest.next().value ?? { client: 'no answer', server: 'no answer' };
  return asked.map(({ row, admission, published }) => ({
    row,
    admission,
    asItCame: next(),
    asPublished: published === undefined ? undefined : next(),
  }));
};
