/**
 * What happens to repo-server's serving certificate: a new one, the one that is there from the new Secret, or nothing at all.
 *
 * **Invariant:** whoever verifies repo-server now goes on doing so: a client that finds its CA in the Secret that it is moved away from finds it
 * in the new one, and it is the CA of what repo-server serves with.
 */
import {
  type FoundCertificate,
  type FoundComponent,
  type KeyPlace,
  keyPlaceText,
  type MigrationFindings,
} from '../../model/migration-findings.ts';
import { isUnder, nameOfCertificate } from '../findings/certificate-problems.ts';
import { fileSource, openedAs } from '../findings/in-use.ts';
import { blocked, blocking, type Decision, decided, NOTHING_DONE, warning } from './blocked.ts';
import { FLAG, type PlanChoice } from './choice.ts';
import { type KeptPair, wholePair } from './kept-pairs.ts';
import type { Way } from './way.ts';

export type ServingPlan =
  | { readonly kind: 'issued' }
  /** `ca`: by what clients verify it now. */
  | { readonly kind: 'kept'; readonly pair: KeptPair; readonly ca: KeyPlace }
  | { readonly kind: 'as-it-is' };

const byPath = ({ components }: MigrationFindings): readonly FoundComponent[] =>
  components.filter(({ verifies }) => verifies === 'ca-path');

const verifiesByRoot = (
  findings: MigrationFindings,
  root: FoundCertificate,
  component: FoundComponent,
): boolean =>
  openedAs(findings, 'server-ca', [component]).some(
    ({ keyFingerprint, subject }) => keyFingerprint === root.keyFingerprint && subject === root.subject,
  );

const namesOf = (components: readonly FoundComponent[]): string =>
  components.map(({ component }) => component).join(', ');

const apart = (components: readonly FoundComponent[], what: string) =>
  blocked(
    blocking('serving-apart', namesOf(components), {
      what: `They verify repo-server, and ${what}.`,
      effect: `Moved to the new Secret, they would find no CA that repo-server's certificate is under: each call would fail. ${NOTHING_DONE}`,
      next: 'Put its certificate and key into one Secret of this namespace, and the CA that it is under where these clients look for it.',
    }),
  );

/** The pair that repo-server serves with, as a source, with the CA by which it is verified. */
const kept = (findings: MigrationFindings, verifying: readonly FoundComponent[]): Decision<ServingPlan> => {
  const places = verifying.flatMap(({ files, workload: { namespace } }) =>
    files.flatMap((file) => (file.file === 'server-ca' ? (fileSource(file, namespace) ?? []) : [])),
  );
  const [ca, ...more] = new Map(places.map((place) => [keyPlaceText(place), place])).values();
  if (ca === undefined) return apart(verifying, 'their CA comes from where nothing can be read');
  if (more.length > 0)
    return apart(verifying, `each by another one: ${[ca, ...more].map(keyPlaceText).join(', ')}`);
  const [leaf] = openedAs(findings, 'serving-certificate').filter(({ class: kind }) => kind === 'leaf');
  const anchors = new Set(openedAs(findings, 'server-ca', verifying).map(({ fingerprint }) => fingerprint));
  const pair = leaf && wholePair(findings, leaf);
  if (leaf === undefined || pair === undefined)
    return apart(verifying, 'its certificate and key do not stand in one Secret');
  return isUnder(findings, leaf, anchors)
    ? decided({ kind: 'kept', pair, ca })
    : apart(verifying, `its certificate ${nameOfCertificate(leaf)} is not under what they trust`);
};

/** strict-tls clients take `tls.crt` itself and `ca.crt` of the serving Secret as roots, at start: a new leaf may be neither. */
const strictly = (
  strict: readonly FoundComponent[],
  verifying: readonly FoundComponent[],
): Decision<ServingPlan> =>
  verifying.length > 0
    ? apart([...strict, ...verifying], 'some by strict-tls, some by a CA path')
    : decided<ServingPlan>(
        { kind: 'as-it-is' },
        warning('serving-left', namesOf(strict), {
          what: 'They verify repo-server by strict-tls, against the very Secret that it serves with.',
          effect: 'Its serving certificate is left as it is.',
          next: `Nothing now (the same as ${FLAG.serving} keep). After the migration, go over to a CA path (verification: on), which the agent does in its order.`,
        }),
      );

export const chooseServing = (
  findings: MigrationFindings,
  root: FoundCertificate,
  way: Way,
  { serving }: Pick<PlanChoice, 'serving'>,
): Decision<ServingPlan> => {
  const strict = findings.components.filter(({ verifies }) => verifies === 'strict-tls');
  const verifying = byPath(findings);
  if (strict.length > 0) return strictly(strict, verifying);
  const asked = serving === 'keep' || way.kept === 'trust-only';
  if (!asked && verifying.every((component) => verifiesByRoot(findings, root, component)))
    return decided({ kind: 'issued' });
  if (verifying.length === 0) return decided({ kind: 'as-it-is' });
  const plan = kept(findings, verifying);
  return asked || 'blocked' in plan
    ? plan
    : decided(
        plan.decided,
        warning('serving-left', namesOf(verifying), {
          what: 'They verify repo-server by something else than the root that stays.',
          effect: 'Its serving certificate stays, from the new Secret, with the CA by which it is verified.',
          next: "Nothing now. After the migration, give the instance another serving source, and the agent changes the server's CA in its order.",
        }),
      );
};
