/**
 * Clients that still find their files where another layout puts them.
 *
 * Nothing fails meanwhile: a place that somebody reads is kept up to date (`rotation/published.ts`). It is the move that isn't finished.
 */
import { hasMtls } from '../../argocd/versions.ts';
import { desiredSlot } from '../../layout/places.ts';
import type { ClientMounts } from '../../model/mounts.ts';
import type { Finding } from '../../model/plan.ts';
import { type SlotId, slotId } from '../../model/slot.ts';
import { type Check, type FoundClient, foundClients, nameOf, type PreflightInput } from '../input.ts';
import { keptPlace, keptPool } from '../kept-place.ts';
import { clientNeeds, trouble } from '../needs.ts';
import { projectionPatch } from '../projection.ts';

/** Whether the layout's own place holds a pair already: a pod that moved before that would have nothing to show. */
const isFilled = (slot: SlotId, { published }: PreflightInput): boolean =>
  published.leafs.some((place) => slotId(place.slot) === slot && place.content.state === 'present');

function byTemplate(client: FoundClient, input: PreflightInput): readonly Finding[] {
  const { layout } = input.settings;
  const { certificate, key, serverCa } = clientNeeds(client, input);
  const pair = keptPlace(client.mounts, input) === undefined ? [] : [certificate, key];
  const pool = keptPool(serverCa.origin, input) === undefined ? [] : [serverCa];
  const astray = [...pair, ...pool].filter((need) => trouble(need) !== undefined);
  const [first] = astray;
  if (first === undefined) return [];
  const patch = projectionPatch({
    component: client.component,
    workload: client.workload,
    needs: [certificate, key, serverCa],
    broken: astray,
    volume: '',
    env: [],
  });
  const when = isFilled(slotId(desiredSlot(client.component, input.settings)), input)
    ? 'When the plan has no step left'
    : `When the plan has published ${certificate.key} to Secret ${certificate.secret} and has no step left (a pod that starts before that shows no certificate)`;
  return [
    {
      code: 'other-layout',
      severity: 'warning',
      about: nameOf(client.workload.ref),
      what: `The layout is ${layout.type}, but ${astray.map(trouble).join('; ')}.`,
      effect:
        'No call fails: what it reads is kept up to date while somebody reads it. It still shows what the other layout has for it.',
      next:
        patch === undefined
          ? `${when}, mount ${astray.map((need) => `${need.key} of Secret ${need.secret} as ${need.path}`).join(' and ')}.`
          : `${when}, apply the patch. The old keys are taken away when no pod reads them.`,
      patch,
    },
  ];
}

/** Pods from before the template moved. */
function byPods(client: FoundClient, input: PreflightInput): readonly Finding[] {
  const own = slotId(desiredSlot(client.component, input.settings));
  const reads = (mounts: ClientMounts): boolean => {
    const place = keptPlace(mounts, input);
    return place !== undefined && slotId(place.slot) !== own;
  };
  if (reads(client.mounts)) return [];
  const old = client.podMounts.filter(({ mounts }) => reads(mounts)).map(({ pod }) => pod.name);
  if (old.length === 0) return [];
  return [
    {
      code: 'other-layout',
      severity: 'info',
      about: nameOf(client.workload.ref),
      what: `Its template has what layout ${input.settings.layout.type} needs; ${old.join(', ')} still read${old.length === 1 ? 's' : ''} another layout's keys.`,
      effect: 'No call fails: those keys are kept up to date until no pod reads them.',
      next: 'Nothing while the rollout goes on. Where these pods stay (OnDelete, partition, paused), delete them.',
      patch: undefined,
    },
  ];
}

export const otherLayout: Check = (input) => {
  if (input.settings.state === 'disabled') return [];
  return foundClients(input)
    .filter(({ version }) => hasMtls(version) !== 'no')
    .flatMap((client) => [...byTemplate(client, input), ...byPods(client, input)]);
};
