/**
 * How the root stays: by an issuer that is there, by one that is made of its key, by Vault, or as trust alone.
 *
 * **Invariant:** a CA issues only where its own key was found; of two CAs or issuers none is chosen.
 */
import type {
  FoundCertificate,
  FoundIssuance,
  KeyPlace,
  MigrationFindings,
} from '../../model/migration-findings.ts';
import { objectPlaceText } from '../../model/migration-findings.ts';
import { nameOfCertificate, whereOf } from '../findings/certificate-problems.ts';
import { blocked, blocking, type Decision, decided, NOTHING_DONE, warning } from './blocked.ts';
import { FLAG, type PlanChoice, type VaultChoice } from './choice.ts';
import { type KeptPairs, keptPairs } from './kept-pairs.ts';
import { certificatesNamed, listedForChoice, placeOf } from './places.ts';

export type IssuerRef = FoundIssuance['issuer'];

/** A CA whose key is here. */
export interface IssuingCa {
  readonly certificate: FoundCertificate;
  readonly keyFrom: KeyPlace;
}

export type Way =
  /** `ca`: of which the Issuer is made; `undefined`: it is there. */
  | { readonly kept: 'issuer'; readonly issuer: IssuerRef; readonly ca: IssuingCa | undefined }
  /** `ca`: what is imported; `undefined`: Vault has it. */
  | { readonly kept: 'vault'; readonly vault: VaultChoice; readonly ca: IssuingCa | undefined }
  | { readonly kept: 'trust-only'; readonly pairs: KeptPairs };

/** Name of the Issuer and of the Secret with the CA that are made. */
export const ROOT_NAME = 'argocd-mtls-root';

const refText = ({ kind, name }: IssuerRef): string => `${kind}/${name}`;

/** Issuers whose leafs stand under the root. */
const issuersUnder = (findings: MigrationFindings, root: FoundCertificate): readonly IssuerRef[] => {
  const under = new Set(
    findings.certificates
      .filter(({ class: kind, roots }) => kind === 'leaf' && roots.includes(root.fingerprint))
      .flatMap(({ places }) => places.map(objectPlaceText)),
  );
  const refs = findings.issuances
    .filter(({ secretName }) =>
      under.has(objectPlaceText({ kind: 'Secret', namespace: findings.namespace, name: secretName })),
    )
    .map(({ issuer }) => issuer);
  return [...new Map(refs.map((ref) => [refText(ref), ref])).values()];
};

const issuingCa = (
  findings: MigrationFindings,
  root: FoundCertificate,
  { issuing, root: named }: PlanChoice,
): Decision<IssuingCa | undefined> => {
  const able = findings.certificates.filter(
    ({ class: kind, roots, remarks, keyPlaces, fingerprint }) =>
      kind !== 'leaf' &&
      (roots.includes(root.fingerprint) || fingerprint === root.fingerprint) &&
      keyPlaces.length > 0 &&
      !remarks.includes('expired'),
  );
  const wanted = issuing === undefined ? able : certificatesNamed(able, issuing);
  const candidates =
    issuing === undefined && wanted.some(({ fingerprint }) => fingerprint === root.fingerprint)
      ? [root]
      : wanted;
  const [first, ...more] = candidates;
  if (more.length > 0)
    return blocked(
      blocking('issuing-ambiguous', candidates.map(whereOf).join(', '), {
        what: `The key of the root was not found, and ${candidates.length} CAs below it could issue: ${listedForChoice(candidates)}.`,
        effect: `None is chosen. ${NOTHING_DONE}`,
        next: `Name one with ${FLAG.issuing}, by the end of its place.`,
      }),
    );
  if (first === undefined && issuing !== undefined)
    return blocked(
      blocking('root-without-key', issuing, {
        what: `No CA with its key, under the root ${nameOfCertificate(root)}, stands at ${issuing}.`,
        effect: NOTHING_DONE,
        next: `Give ${FLAG.issuing} the end of a place as migrate look prints it.`,
      }),
    );
  const keyFrom =
    first &&
    placeOf(
      { places: first.keyPlaces, keyPlaces: [] },
      placeOf(first, findings.namespace, named)?.namespace ?? '',
    );
  return decided(first === undefined || keyFrom === undefined ? undefined : { certificate: first, keyFrom });
};

/** A key that lies beside the root and is not its key: whoever put it there believes that it is. */
const strangeKey = (findings: MigrationFindings, root: FoundCertificate): KeyPlace | undefined => {
  const beside = new Set(root.places.map(objectPlaceText));
  return findings.keys
    .filter(({ state }) => state !== 'matched')
    .flatMap(({ places }) => places)
    .find((place) => beside.has(objectPlaceText(place)));
};

const withoutKey = (findings: MigrationFindings, root: FoundCertificate) => {
  const strange = strangeKey(findings, root);
  return strange === undefined
    ? blocked(
        blocking('root-without-key', whereOf(root), {
          what: `The private key of the root ${nameOfCertificate(root)} was not found, nor that of a CA below it.`,
          effect: `Nothing can be issued under it here. ${NOTHING_DONE}`,
          next: `Name the namespace that holds it with ${FLAG.search}, the Vault that holds it with ${FLAG.vault}, or keep the leafs that are there: ${FLAG.keep} trust-only.`,
        }),
      )
    : blocked(
        blocking('key-fits-nothing', `${strange.kind} ${strange.namespace}/${strange.name}`, {
          what: `The private key ${strange.key} beside the root ${nameOfCertificate(root)} is not its key.`,
          effect: `What is issued with it would be refused by everybody who trusts this root. ${NOTHING_DONE}`,
          next: `Put the right key beside it, name the namespace that holds it with ${FLAG.search}, or keep the leafs that are there: ${FLAG.keep} trust-only.`,
        }),
      );
};

const byIssuer = (
  findings: MigrationFindings,
  ca: IssuingCa | undefined,
  root: FoundCertificate,
): Decision<Way> => {
  const [first, ...more] = issuersUnder(findings, root);
  if (first !== undefined && more.length === 0)
    return decided({ kept: 'issuer', issuer: first, ca: undefined });
  if (ca === undefined)
    return first === undefined
      ? withoutKey(findings, root)
      : blocked(
          blocking('issuer-ambiguous', [first, ...more].map(refText).join(', '), {
            what: `${more.length + 1} issuers issue under the root ${nameOfCertificate(root)}: ${[first, ...more].map(refText).join(', ')}.`,
            effect: `None is chosen. ${NOTHING_DONE}`,
            next: `Name the namespace that holds the key of the root with ${FLAG.search}, so that an Issuer of its own is made; or take the Certificate of one of them out of use.`,
          }),
        );
  if (findings.certManager === 'absent')
    return blocked(
      blocking('cert-manager-absent', `Namespace ${findings.namespace}`, {
        what: 'The key of the root is there, but cert-manager, which would issue with it, is not installed.',
        effect: NOTHING_DONE,
        next: `Install cert-manager, or let Vault issue (${FLAG.vault}), or keep the leafs that are there: ${FLAG.keep} trust-only.`,
      }),
    );
  const isElsewhere = ca.keyFrom.namespace !== findings.namespace;
  return decided<Way>(
    { kept: 'issuer', issuer: { kind: 'Issuer', name: ROOT_NAME, group: 'cert-manager.io' }, ca },
    ...(isElsewhere
      ? [
          warning('key-copied', `Secret ${findings.namespace}/${ROOT_NAME}`, {
            what: `It gets a copy of the CA's private key, from namespace ${ca.keyFrom.namespace}.`,
            effect: 'Who may read Secrets in this namespace may then issue under this CA.',
            next: 'Where that is too much, have a ClusterIssuer made of it in its own namespace and a Certificate of it here, and plan anew.',
          }),
        ]
      : []),
  );
};

const trustOnly = (
  findings: MigrationFindings,
  root: FoundCertificate,
  choice: PlanChoice,
): Decision<Way> => {
  const pairs = keptPairs(findings, root, choice);
  return 'blocked' in pairs
    ? pairs
    : decided({ kept: 'trust-only', pairs: pairs.decided }, ...pairs.problems);
};

export const chooseWay = (
  findings: MigrationFindings,
  root: FoundCertificate,
  choice: PlanChoice,
): Decision<Way> => {
  const keep = choice.keep ?? (choice.vault === undefined ? undefined : 'vault');
  if (keep === 'trust-only') return trustOnly(findings, root, choice);
  const ca = issuingCa(findings, root, choice);
  if ('blocked' in ca) return ca;
  if (keep === 'vault')
    return choice.vault === undefined
      ? blocked(
          blocking('vault-not-named', FLAG.keep, {
            what: 'Vault is to issue, and it is not said which.',
            effect: NOTHING_DONE,
            next: `Give its address with ${FLAG.vault}.`,
          }),
        )
      : decided({ kept: 'vault', vault: choice.vault, ca: ca.decided });
  const issuer = byIssuer(findings, ca.decided, root);
  if (keep === 'issuer' || !('blocked' in issuer) || ca.decided !== undefined) return issuer;
  if (issuer.blocked.some(({ code }) => code !== 'root-without-key')) return issuer;
  const trust = trustOnly(findings, root, choice);
  return 'blocked' in trust && trust.blocked.every(({ code }) => code === 'no-leaf') ? issuer : trust;
};
