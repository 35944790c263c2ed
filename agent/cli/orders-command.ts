/**
 * `approve`, `pause`, `resume`: what people say to an instance.
 *
 * **Invariant:** only a plan that would be carried out now is approved: another digest is refused before anything is written.
 */
import { ANNOTATION, COMMAND } from '../model/product.ts';
import { DIGEST, isWords } from '../policy/orders.ts';
import { UsageError } from './exit-codes.ts';
import type { Services, Terminal } from './services.ts';

export interface ApproveRequest {
  readonly instance: string;
  readonly digest: string;
  readonly by: string;
  readonly change: string | undefined;
}

export interface PauseRequest {
  readonly instance: string;
  readonly by: string;
  readonly why: string;
}

const words = (option: string, text: string): void => {
  if (!isWords(text))
    throw new UsageError(`${option} has to be one line of at most 128 characters.`, 'Shorten it.');
};

const configured = ({ instances }: Services, name: string): void => {
  const names = instances.map((instance) => instance.name);
  if (!names.includes(name))
    throw new UsageError(
      `No instance is called ${JSON.stringify(name)}.`,
      `Configured: ${names.join(', ')}.`,
    );
};

/** @throws UsageError where the plan is another by now; ApiError, RotatorError */
export const approve = async (
  services: Services,
  { instance, digest, by, change }: ApproveRequest,
  terminal: Terminal,
): Promise<void> => {
  configured(services, instance);
  words('--by', by);
  if (change !== undefined) words('--change', change);
  if (!DIGEST.test(digest))
    throw new UsageError(
      'That is not the digest of a plan: 32 digits of 0-9 and a-f.',
      `${COMMAND} plan shows it.`,
    );
  const { plan } = await services.plan(instance);
  if (plan.policy.classes.length === 0)
    throw new UsageError(`Nothing is left to be changed in ${instance}.`, 'There is nothing to approve.');
  if (plan.policy.digest !== digest)
    throw new UsageError(
      `What would be done now in ${instance} is plan ${plan.policy.digest}: it is not the plan that is to be approved.`,
      `Look at it (${COMMAND} plan), then approve that one.`,
    );
  await services.order(instance, {
    [ANNOTATION.approvedPlan]: digest,
    [ANNOTATION.approvedBy]: by,
    [ANNOTATION.change]: change ?? '',
  });
  const id = change === undefined ? '' : `, change ${change}`;
  terminal.out(
    `${instance}: plan ${digest} (${plan.policy.classes.join(', ')}) is approved by ${by}${id}.\n`,
  );
};

/** @throws UsageError, ApiError, RotatorError */
export const pause = async (
  services: Services,
  { instance, by, why }: PauseRequest,
  terminal: Terminal,
): Promise<void> => {
  configured(services, instance);
  words('--by', by);
  words('--why', why);
  await services.order(instance, { [ANNOTATION.paused]: why, [ANNOTATION.pausedBy]: by });
  terminal.out(
    `${instance}: paused by ${by}. Nothing is published or restarted until ${COMMAND} resume; what is published stays, and expires as it does.\n`,
  );
};

/** @throws UsageError, ApiError, RotatorError */
export const resume = async (
  services: Services,
  { instance, by }: Omit<PauseRequest, 'why'>,
  terminal: Terminal,
): Promise<void> => {
  configured(services, instance);
  words('--by', by);
  await services.order(instance, { [ANNOTATION.paused]: '', [ANNOTATION.pausedBy]: by });
  terminal.out(`${instance}: resumed by ${by}.\n`);
};
