/**
 * From what was found and what the operator decides to a plan, or to everything that keeps one from being made.
 *
 * **Invariant:** pure; a plan with a blocking problem has no object, no patch and no step.
 */
import type { MigrationPlan } from '../../model/migration.ts';
import type { FoundCertificate, MigrationFindings } from '../../model/migration-findings.ts';
import type { Finding } from '../../model/plan.ts';
import type { Sight } from '../findings/assemble.ts';
import { isUnder, nameOfCertificate, whereOf } from '../findings/certificate-problems.ts';
import { dialledNames } from '../findings/components.ts';
import { clientCas, openedAs } from '../findings/in-use.ts';
import { blocking, type Decision, NOTHING_DONE, warning } from './blocked.ts';
import { FLAG, type PlanChoice } from './choice.ts';
import { configDocument, isCaApart } from './config-document.ts';
import { madeObjects } from './objects.ts';
import { workloadPatches } from './patches.ts';
import { placeOf } from './places.ts';
import { removables } from './removable.ts';
import { chooseRoot } from './root.ts';
import { chooseServing } from './serving.ts';
import { migrationSteps } from './steps.ts';
import { chooseTargets, type Targets } from './targets.ts';
import { vaultInstructions } from './vault.ts';
import { chooseWay, type Way } from './way.ts';

/** A client that shows something else than is trusted from then on is refused when repo-server moves. */
const strangers = (findings: MigrationFindings, root: FoundCertificate): readonly Finding[] =>
  openedAs(findings, 'client-certificate')
    .filter((leaf) => leaf.class === 'leaf' && !isUnder(findings, leaf, new Set([root.fingerprint])))
    .map((leaf) =>
      blocking('leaf-of-another-root', whereOf(leaf), {
        what: `A client shows ${nameOfCertificate(leaf)}, which is not under the root that is to stay, ${nameOfCertificate(root)}.`,
        effect: `While the workloads move, it would be refused. ${NOTHING_DONE}`,
        next: `Choose the root that it is under (${FLAG.root}), or give this client a certificate under ${root.subject} first.`,
      }),
    );

/** The new Secret trusts one root. Who else calls repo-server under another one is not Argo CD's, and nobody here knows of him. */
const narrowed = (findings: MigrationFindings, root: FoundCertificate): readonly Finding[] =>
  clientCas(findings)
    .filter(
      ({ keyFingerprint, subject }) => keyFingerprint !== root.keyFingerprint || subject !== root.subject,
    )
    .map((ca) =>
      warning('trust-narrowed', whereOf(ca), {
        what: `repo-server also trusts ${nameOfCertificate(ca)} now, and will not after it was moved.`,
        effect:
          'None of the four clients shows a certificate under it; a caller of your own that does would be refused.',
        next: `Nothing, where there is no such caller. Otherwise give it a certificate under ${root.subject} first.`,
      }),
    );

const WEIGHT = { blocking: 0, warning: 1, info: 2 } as const;

/** The gravest first; what is said twice of one thing is said once, as gravely as it is meant. */
const inOrder = (problems: readonly Finding[]): readonly Finding[] => {
  const sorted = problems.toSorted((a, b) => WEIGHT[a.severity] - WEIGHT[b.severity]);
  const known = new Set<string>();
  return sorted.filter(({ code, about }) => {
    const id = `${code} ${about}`;
    return !known.has(id) && known.add(id);
  });
};

/** Look's infos are look's; what is blocking or a warning there is so here. */
const told = ({ problems }: MigrationFindings): readonly Finding[] =>
  problems.filter(({ severity }) => severity !== 'info');

const emptyPlan = (
  findings: MigrationFindings,
  { name }: PlanChoice,
  problems: readonly Finding[],
): MigrationPlan => ({
  version: 1,
  at: findings.at,
  instance: {
    name,
    namespace: findings.namespace,
    mtlsSecret: 'argocd-repo-server-mtls',
    servingSecret: undefined,
  },
  root: undefined,
  config: undefined,
  objects: [],
  patches: [],
  instructions: [],
  steps: [],
  removable: [],
  problems: inOrder([...problems, ...told(findings)]),
});

interface Decided {
  readonly root: FoundCertificate;
  readonly way: Way;
  readonly targets: Targets;
  readonly problems: readonly Finding[];
}

const versionOf = ({ components }: MigrationFindings): 'old' | 'present' =>
  components.some(({ hasMtls }) => hasMtls === 'no') ? 'old' : 'present';

const decide = (sight: Sight, findings: MigrationFindings, choice: PlanChoice): Decision<Decided> => {
  const unfit = findings.problems.filter(({ severity }) => severity === 'blocking');
  if (unfit.length > 0) return { blocked: unfit };
  const root = chooseRoot(findings, choice);
  if ('blocked' in root) return root;
  const strange = strangers(findings, root.decided);
  if (strange.length > 0) return { blocked: strange };
  const way = chooseWay(findings, root.decided, choice);
  if ('blocked' in way) return way;
  const serving = chooseServing(findings, root.decided, way.decided, choice);
  if ('blocked' in serving) return serving;
  const targets = chooseTargets(sight, way.decided, serving.decided, versionOf(findings));
  if ('blocked' in targets) return targets;
  return {
    decided: {
      root: root.decided,
      way: way.decided,
      targets: targets.decided,
      problems: [
        ...root.problems,
        ...narrowed(findings, root.decided),
        ...way.problems,
        ...serving.problems,
        ...targets.problems,
      ],
    },
    problems: [],
  };
};

const keptRoot = (
  { namespace }: MigrationFindings,
  { root, way }: Decided,
  { root: named }: PlanChoice,
): MigrationPlan['root'] => {
  const from = placeOf(root, namespace, named);
  const ca = way.kept === 'trust-only' ? undefined : way.ca;
  return (
    from && {
      kept: way.kept,
      fingerprint: root.fingerprint,
      subject: root.subject,
      notAfter: root.notAfter,
      from,
      issuing: ca?.certificate.fingerprint,
      keyFrom: ca?.keyFrom,
    }
  );
};

export const planMigration = (
  sight: Sight,
  findings: MigrationFindings,
  choice: PlanChoice,
): MigrationPlan => {
  const decision = decide(sight, findings, choice);
  if ('blocked' in decision) return emptyPlan(findings, choice, decision.blocked);
  const { root, way, targets, problems } = decision.decided;
  const { namespace, components } = findings;
  const { serving } = targets;
  const dialled = dialledNames(components);
  const objects = madeObjects({
    findings,
    name: choice.name,
    root,
    way,
    serving,
    dialled,
    caApart: isCaApart(root, namespace),
  });
  const { patches, problems: unpatched } = workloadPatches(sight, targets);
  return {
    version: 1,
    at: findings.at,
    instance: {
      name: choice.name,
      namespace,
      mtlsSecret: targets.names.mtlsSecret,
      servingSecret: serving.kind === 'as-it-is' ? undefined : targets.names.servingSecret,
    },
    root: keptRoot(findings, decision.decided, choice),
    config: configDocument(choice.name, findings, root, way, targets),
    objects,
    patches,
    instructions:
      way.kept === 'vault'
        ? vaultInstructions(findings, root, way.vault, way.ca, serving.kind === 'issued' ? dialled : [])
        : [],
    steps: migrationSteps({ findings, root, way, targets, objects, patches, version: versionOf(findings) }),
    removable: removables({ findings, root, way, targets }),
    problems: inOrder([...problems, ...unpatched, ...told(findings)]),
  };
};
