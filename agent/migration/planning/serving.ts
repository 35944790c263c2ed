/**
 * Whether repo-server's serving certificate may be issued anew: only where whoever verifies it now will accept the new one as well.
 */
import type { FoundCertificate, MigrationFindings } from '../../model/migration-findings.ts';
import type { Finding } from '../../model/plan.ts';
import { openedAs } from '../findings/in-use.ts';
import { warning } from './blocked.ts';
import { FLAG, type PlanChoice } from './choice.ts';
import type { Way } from './way.ts';

export interface ServingChoice {
  readonly serving: 'issued' | 'as-it-is';
  readonly problems: readonly Finding[];
}

const AS_IT_IS: ServingChoice = { serving: 'as-it-is', problems: [] };

/** strict-tls clients take `tls.crt` itself and `ca.crt` of the serving Secret as roots, read at start: a new leaf may be none of them. */
const couldRefuse = (findings: MigrationFindings, root: FoundCertificate): readonly string[] =>
  findings.components
    .filter((component) => {
      if (component.verifies === 'strict-tls') return true;
      if (component.verifies !== 'ca-path') return false;
      return !openedAs(findings, 'server-ca', [component]).some(
        ({ keyFingerprint, subject }) => keyFingerprint === root.keyFingerprint && subject === root.subject,
      );
    })
    .map(({ component }) => component);

export const chooseServing = (
  findings: MigrationFindings,
  root: FoundCertificate,
  way: Way,
  { serving }: Pick<PlanChoice, 'serving'>,
): ServingChoice => {
  if (serving === 'keep' || way.kept === 'trust-only') return AS_IT_IS;
  const refusing = couldRefuse(findings, root);
  return refusing.length === 0
    ? { serving: 'issued', problems: [] }
    : {
        serving: 'as-it-is',
        problems: [
          warning('serving-left', refusing.join(', '), {
            what: 'They verify repo-server by something else than the root that stays.',
            effect: 'A serving certificate under this root would be refused by them, so it is left as it is.',
            next: `Nothing now (the same as ${FLAG.serving} keep). After the migration: give the instance a serving source, and let the agent change the server's CA in its order.`,
          }),
        ],
      };
};
