/**
 * The plan's own objects: made once, told apart from everybody else's by their mark, taken away by uid.
 *
 * **Invariant:** an object without this plan's mark is never changed and never deleted.
 */
import { ApiError, RotatorError } from '../../model/errors.ts';
import type { MadeObject, MigrationPlan, PlainObject } from '../../model/migration.ts';
import { PRODUCT } from '../../model/product.ts';
import type { Cluster, OwnObject, OwnObjectIntent, OwnObjects } from '../../ports.ts';
import { readCopies } from './copies.ts';
import { MIGRATION_MARK } from './plan-id.ts';

interface Making {
  readonly cluster: Cluster;
  readonly own: OwnObjects;
  readonly plan: MigrationPlan;
  readonly id: string;
}

const CERTIFICATE = 'Certificate';

export const madeText = ({
  kind,
  namespace,
  name,
}: Pick<MadeObject, 'kind' | 'namespace' | 'name'>): string => `${kind} ${namespace}/${name}`;

const membersOf = (value: unknown): PlainObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as PlainObject) : {};

const marked = (metadata: PlainObject, id: string): PlainObject => ({
  ...metadata,
  labels: { ...membersOf(metadata.labels), 'app.kubernetes.io/managed-by': PRODUCT },
  annotations: { ...membersOf(metadata.annotations), [MIGRATION_MARK]: id },
});

/** The manifest with our mark; cert-manager puts that of a Certificate's template on the Secret that it writes. */
const manifestOf = (object: MadeObject, id: string): PlainObject => {
  const { manifest } = object;
  const metadata = marked(
    { ...membersOf(manifest.metadata), name: object.name, namespace: object.namespace },
    id,
  );
  const whole = { ...manifest, apiVersion: object.apiVersion, kind: object.kind, metadata };
  if (object.kind !== CERTIFICATE) return whole;
  const spec = membersOf(manifest.spec);
  return { ...whole, spec: { ...spec, secretTemplate: marked(membersOf(spec.secretTemplate), id) } };
};

/** The Secret that a made Certificate is issued into. */
export const issuedPlace = (object: MadeObject): OwnObjectIntent | undefined => {
  const { secretName } = membersOf(object.manifest.spec);
  if (object.kind !== CERTIFICATE || typeof secretName !== 'string') return undefined;
  const { namespace } = object;
  return { apiVersion: 'v1', kind: 'Secret', namespace, name: secretName, manifest: {}, data: new Map() };
};

const foreign = (object: Pick<MadeObject, 'kind' | 'namespace' | 'name'>): RotatorError =>
  new RotatorError('refused', {
    what: `${madeText(object)} is there already, and this migration did not make it.`,
    effect: 'It is left as it is; traffic is as it was.',
    next: 'Where it is left over from another migration, take that one back first (migrate undo) or delete the object; otherwise plan with other names.',
  });

const isOurs = (found: OwnObject, id: string): boolean => found.annotations[MIGRATION_MARK] === id;

/** @throws ApiError; RotatorError `refused` where somebody else's is there */
const presence = async ({ own, id }: Making, object: MadeObject): Promise<'ours' | 'absent'> => {
  const found = await own.read(object);
  if (found !== undefined && !isOurs(found, id)) throw foreign(object);
  const issued = issuedPlace(object);
  const secret = issued === undefined ? undefined : await own.read(issued);
  if (issued !== undefined && secret !== undefined && !isOurs(secret, id)) throw foreign(issued);
  return found === undefined ? 'absent' : 'ours';
};

const intentOf = async ({ cluster, id }: Making, object: MadeObject): Promise<OwnObjectIntent> => {
  const { apiVersion, kind, namespace, name } = object;
  const data = await readCopies(cluster, object.copies);
  return { apiVersion, kind, namespace, name, manifest: manifestOf(object, id), data };
};

/**
 * Has the server check every object that is still to be made, without storing one: what is refused is refused before anything is there.
 * @throws ApiError, RotatorError
 */
export const rehearse = async (making: Making): Promise<void> => {
  for (const object of making.plan.objects) {
    if ((await presence(making, object)) === 'ours') continue;
    await making.own.make(await intentOf(making, object), 'rehearse');
  }
};

/** Makes what is not there yet. @returns what it made. @throws ApiError, RotatorError */
export const make = async (making: Making, step: string): Promise<readonly string[]> => {
  const made: string[] = [];
  for (const object of making.plan.objects.filter((each) => each.step === step)) {
    if ((await presence(making, object)) === 'ours') continue;
    try {
      await making.own.make(await intentOf(making, object), 'store');
      made.push(madeText(object));
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'conflict') throw error;
      // Made a moment ago: by a call of ours whose answer was lost, or by somebody else.
      if ((await presence(making, object)) === 'absent') throw error;
    }
  }
  return made;
};

/** Takes away what was made, the last first, and what was issued for it. @returns what is gone. @throws ApiError */
export const takeAway = async ({ own, plan, id }: Omit<Making, 'cluster'>): Promise<readonly string[]> => {
  const gone: string[] = [];
  const places = plan.objects
    .toReversed()
    .flatMap((object) => [object, ...[issuedPlace(object)].filter((place) => place !== undefined)]);
  for (const place of places) {
    const found = await own.read(place);
    if (found === undefined || !isOurs(found, id)) continue;
    await own.remove(found, found.uid);
    gone.push(madeText(found));
  }
  return gone;
};
