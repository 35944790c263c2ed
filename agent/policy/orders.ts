/**
 * Approvals and pauses from the annotations of the orders ConfigMap.
 *
 * **Invariant:** an approval of a shape that is not understood approves nothing and says so; a pause of any shape pauses.
 */
import type { Approval, Orders } from '../model/policy.ts';
import { ANNOTATION } from '../model/product.ts';

/** A plan's digest as people pass it on. */
export const DIGEST = /^[0-9a-f]{32}$/;

/** Names and change ids go into traces and Events: one line, and not too long. */
const WORDS = /^[^\p{Cc}]{1,128}$/u;

export const isWords = (text: string): boolean => WORDS.test(text) && text.trim() !== '';

type Annotations = Readonly<Record<string, string>>;

const approvalOf = (annotations: Annotations, used: readonly string[]): Orders['approval'] => {
  const digest = annotations[ANNOTATION.approvedPlan];
  const by = annotations[ANNOTATION.approvedBy];
  const change = annotations[ANNOTATION.change];
  if (digest === undefined || digest === '' || used.includes(digest)) return { state: 'none' };
  const unreadable = (why: string) => ({ state: 'unreadable', why }) as const;
  if (!DIGEST.test(digest))
    return unreadable(`${ANNOTATION.approvedPlan} is not the digest of a plan, 32 digits of 0-9 and a-f`);
  if (by === undefined || !isWords(by))
    return unreadable(`${ANNOTATION.approvedBy} does not name who approves, in at most 128 characters`);
  if (change !== undefined && change !== '' && !isWords(change))
    return unreadable(`${ANNOTATION.change} is not one line of at most 128 characters`);
  const approval: Approval = { digest, by, change: change === '' ? undefined : change };
  return { state: 'given', ...approval };
};

const clipped = (text: string | undefined): string =>
  (text ?? '')
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 200);

/** @param used digests of approvals that rotations which have ended were begun with: they are spent */
export const ordersOf = (annotations: Annotations, used: readonly string[]): Orders => {
  const why = annotations[ANNOTATION.paused] ?? '';
  return {
    approval: approvalOf(annotations, used),
    pause:
      why === ''
        ? undefined
        : { why: clipped(why), by: clipped(annotations[ANNOTATION.pausedBy]) || 'nobody named' },
  };
};
