/**
 * The client certificates that stay where nothing new can be issued: those that the clients show now, or the only one that there is.
 *
 * **Invariant:** a pair is kept only as a whole: under the root, for clients, in date, with its key beside it.
 */
import {
  type FoundCertificate,
  type FoundComponent,
  type FoundObject,
  type KeyPlace,
  type MigrationFindings,
  objectPlaceText,
} from '../../model/migration-findings.ts';
import type { Finding } from '../../model/plan.ts';
import type { ClientComponent } from '../../model/terms.ts';
import { isUnder, nameOfCertificate, whereOf } from '../findings/certificate-problems.ts';
import { openedAs } from '../findings/in-use.ts';
import { blocked, blocking, type Decision, decided, NOTHING_DONE } from './blocked.ts';
import { FLAG, type PlanChoice } from './choice.ts';
import { certificatesNamed, listedForChoice } from './places.ts';

export interface KeptPair {
  readonly certificate: FoundCertificate;
  readonly object: FoundObject;
  readonly certificateFrom: KeyPlace;
  readonly keyFrom: KeyPlace;
}

export interface KeptPairs {
  readonly default: KeptPair;
  /** Clients that show another one. */
  readonly others: readonly { readonly component: ClientComponent; readonly pair: KeptPair }[];
}

const no = (
  code: string,
  leaf: FoundCertificate,
  what: string,
  next = `Name another one with ${FLAG.client}, or have a new one issued: the key of the root (${FLAG.search}) or a Vault (${FLAG.vault}) is needed for that.`,
): Finding => blocking(code, whereOf(leaf), { what, effect: NOTHING_DONE, next });

/** What keeps a leaf from being kept; nothing where nothing does. */
const faultOf = (
  findings: MigrationFindings,
  root: FoundCertificate,
  leaf: FoundCertificate,
): Finding | undefined => {
  const name = nameOfCertificate(leaf);
  if (!isUnder(findings, leaf, new Set([root.fingerprint])))
    return no(
      'leaf-of-another-root',
      leaf,
      `The client certificate ${name} is not under the root ${nameOfCertificate(root)}.`,
    );
  if (leaf.remarks.includes('expired'))
    return no(
      'certificate-expired',
      leaf,
      `The client certificate ${name} expired on ${leaf.notAfter.slice(0, 10)}.`,
    );
  if (!leaf.uses.includes('client'))
    return no(
      'client-auth-missing',
      leaf,
      `The certificate ${name} may not be used by clients (no clientAuth).`,
    );
  return leaf.keyPlaces.length === 0
    ? no(
        'key-fits-nothing',
        leaf,
        `No private key that was found belongs to the client certificate ${name}.`,
        `Put its key beside it, or name another one with ${FLAG.client}.`,
      )
    : undefined;
};

/** Certificate and key in one object that the agent may read; `undefined` where there is none. */
export const wholePair = (
  { namespace, objects }: MigrationFindings,
  certificate: FoundCertificate,
): KeptPair | undefined => {
  for (const certificateFrom of certificate.places) {
    if (certificateFrom.namespace !== namespace) continue;
    const text = objectPlaceText(certificateFrom);
    const keyFrom = certificate.keyPlaces.find((place) => objectPlaceText(place) === text);
    const object = objects.find(({ place }) => objectPlaceText(place) === text);
    if (keyFrom !== undefined && object !== undefined)
      return { certificate, object, certificateFrom, keyFrom };
  }
  return undefined;
};

const pairOf = (
  findings: MigrationFindings,
  root: FoundCertificate,
  leaf: FoundCertificate,
): Decision<KeptPair> => {
  const fault = faultOf(findings, root, leaf);
  if (fault !== undefined) return blocked(fault);
  const pair = wholePair(findings, leaf);
  return pair === undefined
    ? blocked(
        no(
          'pair-apart',
          leaf,
          `The client certificate ${nameOfCertificate(leaf)} and its key do not stand in one object of namespace ${findings.namespace}.`,
          `Put both into one Secret of namespace ${findings.namespace}.`,
        ),
      )
    : decided(pair);
};

const isLeaf = ({ class: kind }: FoundCertificate): boolean => kind === 'leaf';

interface Shown {
  readonly component: ClientComponent;
  readonly leaf: FoundCertificate;
}

const shownBy = (findings: MigrationFindings): readonly Shown[] =>
  findings.components.flatMap((found: FoundComponent): readonly Shown[] => {
    const { component } = found;
    const [leaf] =
      component === 'repo-server' ? [] : openedAs(findings, 'client-certificate', [found]).filter(isLeaf);
    return leaf === undefined || component === 'repo-server' ? [] : [{ component, leaf }];
  });

const oneForAll = (
  findings: MigrationFindings,
  root: FoundCertificate,
  leafs: readonly FoundCertificate[],
  named: string | undefined,
): Decision<KeptPairs> => {
  const [first, ...more] = leafs;
  if (first === undefined)
    return blocked(
      blocking('no-leaf', named ?? `Namespace ${findings.namespace}`, {
        what: `No client certificate with its key, under the root ${nameOfCertificate(root)}, was found.`,
        effect: `There is none to keep. ${NOTHING_DONE}`,
        next: `Name the namespace that holds the key of the root with ${FLAG.search}, or the Vault that issues under it with ${FLAG.vault}.`,
      }),
    );
  if (more.length > 0)
    return blocked(
      blocking('leaf-ambiguous', leafs.map(whereOf).join(', '), {
        what: `${leafs.length} certificates could be the clients': ${listedForChoice(leafs)}.`,
        effect: `None is chosen. ${NOTHING_DONE}`,
        next: `Name one with ${FLAG.client}, by the end of its place.`,
      }),
    );
  const pair = pairOf(findings, root, first);
  return 'blocked' in pair ? pair : decided({ default: pair.decided, others: [] });
};

export const keptPairs = (
  findings: MigrationFindings,
  root: FoundCertificate,
  { client }: Pick<PlanChoice, 'client'>,
): Decision<KeptPairs> => {
  if (client !== undefined)
    return oneForAll(findings, root, certificatesNamed(findings.certificates, client).filter(isLeaf), client);
  const shown = shownBy(findings);
  const [first] = shown;
  if (first === undefined)
    return oneForAll(
      findings,
      root,
      findings.certificates.filter((each) => isLeaf(each) && faultOf(findings, root, each) === undefined),
      undefined,
    );
  const pairs = shown.map((one) => ({ ...one, pair: pairOf(findings, root, one.leaf) }));
  const faults = pairs.flatMap(({ pair }) => ('blocked' in pair ? pair.blocked : []));
  if (faults.length > 0)
    return blocked(...new Map(faults.map((fault) => [`${fault.code} ${fault.about}`, fault])).values());
  const sound = pairs.flatMap(({ component, pair }) =>
    'blocked' in pair ? [] : [{ component, pair: pair.decided }],
  );
  const [leading] = sound;
  if (leading === undefined) return blocked(...faults);
  return decided({
    default: leading.pair,
    others: sound.filter(({ pair }) => pair.certificate.fingerprint !== leading.pair.certificate.fingerprint),
  });
};
