/**
 * docs/argocd-facts.md, made from the facts table.
 *
 * **Invariant:** nothing in it is written by hand but this frame; `npm run generate` refreshes it.
 */
import type { FileEvent, Outcome } from './behaviours.ts';
import { type Condition, FACTS, type Fact, type ReadingTime } from './facts.ts';

const WHEN: Readonly<Record<ReadingTime, string>> = {
  'at-start': 'once, at start',
  'per-call': 'on every call',
  'existence-at-start': 'existence once at start, content on every handshake',
};

const ONLY_IF: Readonly<Record<Condition, string>> = {
  always: '',
  'ca-path-set': 'only if its CA path is set',
  'strict-tls-without-ca-path': 'only with the deprecated strict TLS and no CA path',
};

const EVENT: Readonly<Record<FileEvent, string>> = {
  'good-at-start': 'there at start',
  'absent-at-start': 'absent at start',
  'partly-bad-at-start': 'partly damaged at start',
  'bad-at-start': 'damaged at start',
  'half-at-start': 'certificate without key at start',
  'appears-later': 'appears later',
  'changes-later': 'changes later',
  'vanishes-later': 'vanishes later',
  'turns-bad-later': 'is damaged later',
  'changes-with-older-time-later': 'changes later, with an older modification time',
};

const OUTCOME: Readonly<Record<Outcome, string>> = {
  used: 'used',
  'mtls-off': 'no client certificate is asked for, without a word',
  'self-signed': 'makes itself a certificate for `localhost` and `reposerver`',
  'no-certificate': 'shows no certificate',
  unverified: 'accepts any repo-server',
  'good-part-used': 'the good certificates are used, the others skipped without a word',
  'does-not-start': 'does not start',
  'calls-fail': 'runs, and each of its calls fails',
  'used-next': 'used from the next call or handshake on',
  ignored: 'no effect until a restart',
};

const code = (texts: readonly string[]): string => texts.map((text) => `\`${text}\``).join(', ');

const row = (fact: Fact): string =>
  `| ${fact.component} | ${code(fact.files)} | ${[WHEN[fact.when], ONLY_IF[fact.onlyIf]].filter((text) => text !== '').join('; ')} | ${fact.since} | \`${fact.source.file}\`, ${fact.source.tag} |`;

/** Rows that behave alike are told once. */
const behaviours = (): readonly string[] => {
  const told = new Map<Fact['behaviours'], Fact[]>();
  for (const fact of FACTS) told.set(fact.behaviours, [...(told.get(fact.behaviours) ?? []), fact]);
  return [...told].flatMap(([list, facts]) => [
    '',
    `### ${[...new Set(facts.map(({ component }) => component))].join(', ')}: ${code([...new Set(facts.flatMap(({ role, files }) => (role === 'ca-path' ? ['*.repo.server.ca.cert.path'] : files)))])}`,
    '',
    '| the file | what happens |',
    '|---|---|',
    ...list.map(({ event, outcome }) => `| ${EVENT[event]} | ${OUTCOME[outcome]} |`),
  ]);
};

/** The whole document. */
export const factsReference = (): string =>
  `${[
    '# What Argo CD reads when',
    '',
    '<!-- Generated from agent/argocd/facts.ts by `npm run generate`. Do not edit. -->',
    '',
    "The table that the agent's decisions are derived from. It says what Argo CD's programs do, not what they ought to do; the checks in",
    "`test/cluster/facts/` run them on Argo CD's own programs.",
    '',
    '| component | file or parameter | when it is read | since | source in argoproj/argo-cd |',
    '|---|---|---|---|---|',
    ...FACTS.map(row),
    '',
    '## What happens to a file, and what its reader does',
    ...behaviours(),
  ].join('\n')}\n`;
