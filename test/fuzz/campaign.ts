/**
 * Input after input to one reader, until one shows a defect.
 *
 * **Invariant:** a reader answers or throws a `RotatorError`; anything else it throws is a finding.
 */
import { RotatorError } from '../../agent/model/errors.ts';
import { chance } from '../kit/random.ts';
import { mutated } from './mutate.ts';
import type { Target } from './target.ts';

export interface Finding {
  readonly target: string;
  readonly input: Buffer;
  readonly why: string;
}

/** `undefined` where the reader answered or refused. */
export const tried = async (target: Target, input: Buffer): Promise<Finding | undefined> => {
  try {
    await target.read(input);
    return undefined;
  } catch (error) {
    if (error instanceof RotatorError) return undefined;
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { target: target.name, input, why };
  }
};

/**
 * One input, the `number`th of this seed.
 *
 * @param before told the input before it is read, so that somebody else knows it if it is never done with.
 */
export const attempt = async (
  target: Target,
  seed: number,
  number: number,
  before: (input: Buffer) => void = () => undefined,
): Promise<Finding | undefined> => {
  const input = mutated(target, chance(Math.imul(seed, 0x9e3779b1) + number));
  before(input);
  return tried(target, input);
};
