/**
 * Small words of the contract's sentences.
 *
 * **Invariant:** a failure that was expected and didn't come fails the test.
 */
import { ApiError } from '../../agent/model/errors.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { Precondition, StoredObject, StoredSecret } from '../../agent/model/stored.ts';
import type { SecretIntent } from '../../agent/ports.ts';

/** The ApiError that `call` fails with. */
export const failureOf = async (call: Promise<unknown>): Promise<ApiError> => {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('the call succeeded');
};

export const intent = (
  namespace: string,
  name: string,
  data: Readonly<Record<string, string>>,
  more: Partial<SecretIntent> = {},
): SecretIntent => ({
  namespace,
  name,
  type: 'Opaque',
  labels: {},
  annotations: {},
  ownership: 'refuse-conflicts',
  ...more,
  data: new Map(Object.entries(data).map(([key, value]) => [key, SecretBytes.of(value)])),
});

export const absent: Precondition = { expect: 'absent' };

export const at = ({ uid, resourceVersion }: StoredObject): Precondition => ({
  expect: 'version',
  uid,
  resourceVersion,
});

/** A Secret's content in clear, for expectations. */
export const clear = (secret: StoredSecret | undefined): Record<string, string> =>
  Object.fromEntries([...(secret?.data ?? [])].map(([key, value]) => [key, value.reveal()]));

export const base64 = (data: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );

/** The value, or a failed test. */
export const present = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('it is not there');
  return value;
};
