/**
 * One look at the instance that is migrated: the engine's own look, and with it what preflight is shown.
 *
 * **Invariant:** looking writes nothing.
 */
import type { Observation } from '../../model/observation.ts';
import { type Catalog, makeCatalog } from '../../plan/catalog.ts';
import { observe } from '../../rotation/observe.ts';
import type { InspectionView, RotationServices } from '../../rotation/services.ts';

export interface Look {
  readonly observation: Observation;
  readonly catalog: Catalog;
  readonly view: InspectionView;
}

/** @throws ApiError, RotatorError */
export const lookAtInstance = async (services: RotationServices): Promise<Look> => {
  let view: InspectionView | undefined;
  const { observation } = await observe({
    ...services,
    inspect: (shown) => {
      view = shown;
      return services.inspect(shown);
    },
  });
  if (view === undefined) throw new TypeError('a look shows preflight what it saw');
  return { observation, catalog: makeCatalog(observation), view };
};
