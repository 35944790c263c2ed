/**
 * When an instance is looked at again.
 */
import type { Duration } from '../model/terms.ts';

export type Next =
  | { readonly again: 'at-once' }
  | { readonly again: 'after'; readonly delay: Duration }
  | { readonly again: 'when-woken' };
