/**
 * The operating system's random source behind the {@link Random} port.
 *
 * **Invariant:** fit for ids that must not collide or be guessed; nothing else in the agent draws random numbers.
 */
import { randomBytes } from 'node:crypto';
import type { Random } from '../ports.ts';

export const systemRandom: Random = {
  hex: (bytes) => randomBytes(bytes).toString('hex'),
};
