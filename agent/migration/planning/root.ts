/**
 * Which root stays: the one that is in use, or the only one that there is, or the one that is named.
 *
 * **Invariant:** of two candidates none is chosen. What repo-server trusts now goes before whatever else lies around.
 */

import { nameOf } from '../../diagnosis/input.ts';
import type { FoundCertificate, MigrationFindings } from '../../model/migration-findings.ts';
import type { Finding } from '../../model/plan.ts';
import { nameOfCertificate, whereOf } from '../findings/certificate-problems.ts';
import { clientCas, openedAs } from '../findings/in-use.ts';
import { blocked, blocking, type Decision, decided, NOTHING_DONE } from './blocked.ts';
import { FLAG, type PlanChoice } from './choice.ts';
import { certificatesNamed, listedForChoice } from './places.ts';

const isCa = ({ class: kind }: FoundCertificate): boolean => kind !== 'leaf';
const isOver = ({ remarks }: FoundCertificate): boolean => remarks.includes('expired');

/** A CA that was renewed with its key is one CA: its newest certificate stands for it. */
const newest = (certificates: readonly FoundCertificate[]): readonly FoundCertificate[] =>
  certificates.filter(
    (one) =>
      !certificates.some(
        (other) =>
          other !== one &&
          other.keyFingerprint === one.keyFingerprint &&
          other.subject === one.subject &&
          other.notAfter > one.notAfter,
      ),
  );

const expired = (root: FoundCertificate) =>
  blocked(
    blocking('root-expired', whereOf(root), {
      what: `The root ${nameOfCertificate(root)} expired on ${root.notAfter.slice(0, 10)}.`,
      effect: `Nothing is accepted under it. ${NOTHING_DONE}`,
      next: `Name another root with ${FLAG.root}; without one, make a new CA (docs/sources.md) and let the agent enable mTLS with it.`,
    }),
  );

const ambiguous = (candidates: readonly FoundCertificate[], why: string) =>
  blocked(
    blocking('root-ambiguous', candidates.map(whereOf).join(', '), {
      what: `${candidates.length} CAs could be the root that stays (${why}): ${listedForChoice(candidates)}.`,
      effect: `None is chosen. ${NOTHING_DONE}`,
      next: `Name one with ${FLAG.root}, by the end of its place (${FLAG.root} ${exampleOf(candidates)}).`,
    }),
  );

const exampleOf = ([first]: readonly FoundCertificate[]): string => {
  const place = first?.places[0];
  return place === undefined ? 'corp-root/ca.pem' : `${place.name}/${place.key}`;
};

const only = (candidates: readonly FoundCertificate[], why: string): Decision<FoundCertificate> => {
  const [first, ...more] = newest(candidates.filter((each) => !isOver(each)));
  if (first !== undefined) return more.length === 0 ? decided(first) : ambiguous([first, ...more], why);
  const [over] = candidates;
  return over === undefined
    ? blocked(
        blocking('no-root', 'the namespaces that were searched', {
          what: 'No root CA was found.',
          effect: NOTHING_DONE,
          next: `Name the namespace that holds it with ${FLAG.search}. Where there is none, make a new CA (docs/sources.md); there is nothing to migrate then.`,
        }),
      )
    : expired(over);
};

const named = (findings: MigrationFindings, place: string): Decision<FoundCertificate> => {
  const there = certificatesNamed(findings.certificates, place);
  const candidates = newest(there.filter(isCa));
  const [first, ...more] = candidates;
  if (first === undefined)
    return blocked(
      blocking('root-not-found', place, {
        what:
          there.length === 0
            ? `No certificate was found at ${place}.`
            : `What stands at ${place} is no CA but a leaf (${there.map(nameOfCertificate).join(', ')}).`,
        effect: NOTHING_DONE,
        next: `Give ${FLAG.root} the end of a place as migrate look prints it; name its namespace with ${FLAG.search}.`,
      }),
    );
  if (more.length > 0) return ambiguous(candidates, `they stand at ${place}`);
  return isOver(first) ? expired(first) : decided(first);
};

/** Another root than repo-server trusts is a change of the CA, which the agent makes in its order, and no migration. */
const fitsUse = (findings: MigrationFindings, root: FoundCertificate): Decision<FoundCertificate> => {
  const trusted = clientCas(findings).filter((each) => !isOver(each));
  const isTrusted = trusted.some(
    ({ keyFingerprint, subject }) => keyFingerprint === root.keyFingerprint && subject === root.subject,
  );
  return trusted.length === 0 || isTrusted
    ? decided(root)
    : blocked(
        blocking('root-not-in-use', whereOf(root), {
          what: `repo-server trusts ${trusted.map(nameOfCertificate).join(', ')} and not ${nameOfCertificate(root)}.`,
          effect: `Certificates under another CA would be refused until each workload has moved. ${NOTHING_DONE}`,
          next: `Keep what is trusted now (leave ${FLAG.root} out), and replace the CA afterwards: the agent does that without a failed call.`,
        }),
      );
};

/** Something is opened as `client-ca.crt`, and what it is can't be told: a CSI volume, an emptyDir, a text without a certificate. */
const unknownTrust = (findings: MigrationFindings): Finding | undefined => {
  const repoServer = findings.components.find(({ component }) => component === 'repo-server');
  const file = repoServer?.files.find((each) => each.file === 'client-ca');
  if (repoServer === undefined || file?.origin.from !== 'foreign' || clientCas(findings).length > 0)
    return undefined;
  const { volume, kind } = file.origin;
  return blocking('trust-unknown', nameOf(repoServer.workload), {
    what: `Its ${file.path} comes from volume ${volume} (${kind}), which can not be looked into.`,
    effect: `Which CA it trusts now is not known; certificates under another one would be refused while workloads move. ${NOTHING_DONE}`,
    next: `Say which CA it is with ${FLAG.root}.`,
  });
};

export const chooseRoot = (
  findings: MigrationFindings,
  { root: place }: Pick<PlanChoice, 'root'>,
): Decision<FoundCertificate> => {
  if (place !== undefined) {
    const found = named(findings, place);
    return 'blocked' in found ? found : fitsUse(findings, found.decided);
  }
  const unknown = unknownTrust(findings);
  if (unknown !== undefined) return blocked(unknown);
  const trusted = clientCas(findings);
  if (trusted.length > 0) return only(trusted, 'repo-server trusts them now');
  const verifying = openedAs(findings, 'server-ca').filter(isCa);
  if (verifying.length > 0) return only(verifying, 'clients verify repo-server by them now');
  return only(
    findings.certificates.filter(({ class: kind }) => kind === 'root'),
    'Argo CD opens none of them',
  );
};
