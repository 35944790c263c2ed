/**
 * What is wrong with the certificates that were found.
 */
import { short } from '../../model/fingerprint.ts';
import { type FoundCertificate, keyPlaceText } from '../../model/migration-findings.ts';
import type { Finding } from '../../model/plan.ts';
import { clientCas, openedAs, usersOf } from './in-use.ts';
import type { Looked, Question } from './problems.ts';

/** `Secret/argocd/repo-tls/tls.crt`, and how many places more. */
export const whereOf = ({ places }: Pick<FoundCertificate, 'places'>): string => {
  const [first, ...more] = places;
  if (first === undefined) return 'nowhere';
  return more.length === 0 ? keyPlaceText(first) : `${keyPlaceText(first)} and ${more.length} more`;
};

/** `CN=Test CA (ab12cd34ef56)`. */
export const nameOfCertificate = ({ subject, fingerprint }: FoundCertificate): string =>
  `${subject === '' ? 'a certificate without a subject' : subject} (${short(fingerprint)})`;

const day = (instant: string): string => instant.slice(0, 10);

const inUse = (looked: Looked, certificate: FoundCertificate): boolean =>
  usersOf(looked, certificate).length > 0 ||
  clientCas(looked).some(({ fingerprint }) => fingerprint === certificate.fingerprint);

export const datesOf: Question = (looked) =>
  looked.certificates.flatMap((certificate): readonly Finding[] => {
    const { remarks, notAfter, notBefore, class: kind } = certificate;
    const isUsed = inUse(looked, certificate);
    const about = whereOf(certificate);
    const named = `The ${kind} ${nameOfCertificate(certificate)}`;
    if (remarks.includes('expired'))
      return [
        {
          code: kind === 'root' ? 'root-expired' : 'certificate-expired',
          severity: 'warning',
          about,
          what: `${named} expired on ${day(notAfter)}.`,
          effect: isUsed
            ? 'Argo CD opens it: calls that need it fail.'
            : 'Argo CD does not open it; nothing can be kept under it.',
          next:
            kind === 'root'
              ? 'It can not be kept. Choose another root with --root, or make a new one.'
              : 'Take it away, or let the migration issue a new one.',
          patch: undefined,
        },
      ];
    if (remarks.includes('not-yet-valid'))
      return [
        {
          code: 'certificate-not-yet-valid',
          severity: 'warning',
          about,
          what: `${named} is valid from ${day(notBefore)}.`,
          effect: 'Until then every call that needs it fails.',
          next: 'Wait, or correct the clock of what issued it.',
          patch: undefined,
        },
      ];
    return remarks.includes('expires-soon')
      ? [
          {
            code: 'expires-soon',
            severity: 'warning',
            about,
            what: `${named} expires on ${day(notAfter)}.`,
            effect: isUsed ? 'From then on calls that need it fail.' : 'Argo CD does not open it.',
            next:
              kind === 'leaf'
                ? 'Migrate before that date, or renew it in the old way once more.'
                : 'Renew it before you migrate, with the same key where you can: what it issued then stays valid.',
            patch: undefined,
          },
        ]
      : [];
  });

/** A pair and a trust that do not fit each other, side by side. */
export const leafOfAnotherRoot: Question = (looked) => {
  const trusted = clientCas(looked);
  if (trusted.length === 0) return [];
  const anchors = new Set(trusted.map(({ fingerprint }) => fingerprint));
  return openedAs(looked, 'client-certificate').flatMap((leaf): readonly Finding[] => {
    if (leaf.class !== 'leaf' || isUnder(looked, leaf, anchors)) return [];
    return [
      {
        code: 'leaf-of-another-root',
        severity: 'warning',
        about: whereOf(leaf),
        what: `The client certificate ${nameOfCertificate(leaf)} is issued by ${leaf.issuer}, which is not under what repo-server trusts: ${trusted.map(nameOfCertificate).join(', ')}.`,
        effect: 'repo-server refuses it, now or at its next start, when it reads what is mounted.',
        next: 'Put the CA of this certificate into what repo-server trusts, or a certificate of that CA here, before anything is restarted.',
        patch: undefined,
      },
    ];
  });
};

/** Whether one of the anchors stands above a certificate, by signatures. */
export const isUnder = (
  { certificates }: Pick<Looked, 'certificates'>,
  leaf: FoundCertificate,
  anchors: ReadonlySet<string>,
): boolean => {
  const seen = new Set<string>();
  const open: string[] = [leaf.fingerprint];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (seen.has(one)) continue;
    seen.add(one);
    if (anchors.has(one)) return true;
    open.push(...(certificates.find(({ fingerprint }) => fingerprint === one)?.signedBy ?? []));
  }
  return false;
};

export const orphans: Question = ({ certificates }) =>
  certificates.flatMap((certificate): readonly Finding[] =>
    !certificate.remarks.includes('issuer-not-found')
      ? []
      : [
          {
            code: 'issuer-not-found',
            severity: 'info',
            about: whereOf(certificate),
            what: `The CA that signed ${nameOfCertificate(certificate)}, ${certificate.issuer}, is not among what was found.`,
            effect: 'It can be kept only under a CA that is known.',
            next: 'Name the namespace that holds its CA with --search-namespace.',
            patch: undefined,
          },
        ],
  );

export const cnOnly: Question = (looked) =>
  looked.certificates.flatMap((certificate): readonly Finding[] =>
    !certificate.remarks.includes('cn-only')
      ? []
      : [
          {
            code: 'cn-only',
            severity: 'warning',
            about: whereOf(certificate),
            what: `The serving certificate ${nameOfCertificate(certificate)} has a common name and no DNS name.`,
            effect:
              'Go ignores the common name: as soon as a client verifies repo-server, each call of it fails.',
            next: 'Nothing by hand: a migration issues one with every name that clients dial, where it has the CA.',
            patch: undefined,
          },
        ],
  );

export const weakCertificates: Question = ({ certificates }) =>
  certificates.flatMap((certificate): readonly Finding[] =>
    !certificate.remarks.includes('weak')
      ? []
      : [
          {
            code: 'weak-certificate',
            severity: 'warning',
            about: whereOf(certificate),
            what: `${nameOfCertificate(certificate)} has a key (${certificate.key}) or a signature that is too weak.`,
            effect: 'Go refuses some of these; none of them is published by this agent.',
            next: 'Keep another root, or replace it.',
            patch: undefined,
          },
        ],
  );

/** Not wrong, and yet it decides how much of a migration is possible. */
export const caWithoutKey: Question = ({ certificates }) =>
  certificates.flatMap((certificate): readonly Finding[] =>
    certificate.class !== 'root' || certificate.keyPlaces.length > 0
      ? []
      : [
          {
            code: 'root-without-key',
            severity: 'info',
            about: whereOf(certificate),
            what: `The private key of the root ${nameOfCertificate(certificate)} was not found.`,
            effect: 'Nothing new can be issued under it here; leafs that are there can be kept and trusted.',
            next: 'Name the namespace that holds its key with --search-namespace, where there is one.',
            patch: undefined,
          },
        ],
  );
