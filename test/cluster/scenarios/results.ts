/**
 * The table that a run writes, with its date and commit. Nobody writes it by hand.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folders } from '../harness/settings.ts';
import type { Row } from './window.ts';

const commit = (): string =>
  execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=12'], { cwd: folders.repository })
    .toString()
    .trim();

const restartsOf = (row: Row): string =>
  Object.entries(row.restarts)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ') || 'none';

const line = (row: Row): string => {
  const { calls, failedByTls, failedByConnection, failedOtherwise, failedSpanSeconds } = row.traffic;
  return `| ${row.change} | ${row.namespace} | ${row.seconds.toFixed(0)} s | ${calls} | ${failedByTls} | ${failedByConnection + failedOtherwise} | ${failedSpanSeconds.toFixed(1)} s | ${row.refreshes} | ${row.comparisonErrors.length} | ${restartsOf(row)} |`;
};

export const table = (
  tier: string,
  rows: readonly Row[],
  notes: readonly string[],
): string => `# What the cluster run measured

Written by the ${tier === 'full' ? 'full' : 'CI'} tier of \`npm run test:cluster\` on ${new Date().toISOString()}, commit ${commit()}. Argo CD 3.6.1, cert-manager 1.21.2, Kubernetes 1.37.2, kubelet sync 10 s.
A call is one fresh connection and one health check of every client pod each 200 ms, with the files that the pod sees, without retry.

| change | instance | took | calls | failed by TLS | failed otherwise | span of failures | hard refreshes | ComparisonErrors | restarts |
|---|---|---|---|---|---|---|---|---|---|
${rows.map(line).join('\n')}

${notes.map((note) => `- ${note}`).join('\n')}
`;

/** @param name of the scenarios: their table is `results/<name>-<tier>.md` */
export const writeResults = (
  name: string,
  tier: string,
  rows: readonly Row[],
  notes: readonly string[],
): string => {
  const text = table(tier, rows, notes);
  const folder = join(folders.repository, 'test', 'cluster', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}-${tier}.md`), text);
  return text;
};
