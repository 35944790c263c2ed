/**
 * Admission's verdicts held against the code that will judge what is published: Argo CD's own, in one batch (`parts/argocd/tlsjudge`).
 */
import { expect, test } from '@jest/globals';
import { judgedByGo } from '../../admission/bad-material/ask-go.ts';
import { disagreements } from '../../admission/bad-material/disagreements.ts';
import { BAD_MATERIAL } from '../../admission/bad-material/table.ts';
import { program } from '../harness/parts.ts';

test('every kind of bad material is judged by Argo CD as the table says, and whatever admission accepts, Argo CD takes', async () => {
  const judged = judgedByGo(await program('tlsjudge'), BAD_MATERIAL);
  expect(disagreements(judged)).toEqual([]);
});
