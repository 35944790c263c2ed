/**
 * Defaults and validation, as far as the agent can meet them (kubernetes pkg/apis/core/validation, v1.37.2).
 *
 * **Invariant:** an object in the store has passed this; messages are in the API's own form.
 */

import {
  asObject,
  equalJson,
  type Json,
  type JsonObject,
  objectAt,
  optionalTextAt,
  stringMapAt,
  textAt,
  without,
} from './json.ts';
import type { Kind } from './kinds.ts';
import { type FieldError, invalid } from './status.ts';

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const DATA_KEY = /^[-._a-zA-Z0-9]+$/;

const immutableField = (field: string, value: Json | undefined): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value ?? null)}: field is immutable`,
});

const frozen = (field: string): FieldError => ({
  type: 'FieldValueForbidden',
  field,
  message: 'Forbidden: field is immutable when `immutable` is set',
});

const required = (field: string): FieldError => ({
  type: 'FieldValueRequired',
  field,
  message: 'Required value',
});

const tooLong = (field: string, limit: number): FieldError => ({
  type: 'FieldValueTooLong',
  field,
  message: `Too long: may not be more than ${limit} bytes`,
});

const secretDefaults = (object: JsonObject): JsonObject => {
  const added = Object.entries(stringMapAt(object, 'stringData')).map(([key, value]) => [
    key,
    Buffer.from(value, 'utf8').toString('base64'),
  ]);
  const data = { ...asObject(object.data), ...Object.fromEntries(added) };
  return {
    ...without(object, 'stringData', 'data'),
    type: optionalTextAt(object, 'type') ?? 'Opaque',
    ...(Object.keys(data).length === 0 ? {} : { data }),
  };
};

const workloadDefaults = (object: JsonObject): JsonObject => {
  const spec = objectAt(object, 'spec');
  const deployment = textAt(object, 'kind') === 'Deployment';
  const key = deployment ? 'strategy' : 'updateStrategy';
  const strategy = objectAt(spec, key);
  const type = optionalTextAt(strategy, 'type') ?? 'RollingUpdate';
  const rolling = deployment ? { maxSurge: '25%', maxUnavailable: '25%' } : { partition: 0 };
  return {
    ...object,
    spec: {
      ...(deployment ? { progressDeadlineSeconds: 600 } : { podManagementPolicy: 'OrderedReady' }),
      replicas: 1,
      ...spec,
      [key]: {
        type,
        ...(type === 'RollingUpdate'
          ? { rollingUpdate: { ...rolling, ...objectAt(strategy, 'rollingUpdate') } }
          : {}),
      },
    },
  };
};

export const withDefaults = (kind: Kind, object: JsonObject): JsonObject => {
  switch (kind.kind) {
    case 'Secret':
      return secretDefaults(object);
    case 'Deployment':
    case 'StatefulSet':
      return workloadDefaults(object);
    default:
      return object;
  }
};

const dataErrors = (before: JsonObject | undefined, after: JsonObject): FieldError[] => {
  const errors: FieldError[] = [];
  for (const key of Object.keys(objectAt(after, 'data'))) {
    if (!DATA_KEY.test(key)) {
      errors.push({
        type: 'FieldValueInvalid',
        field: `data[${key}]`,
        message: `Invalid value: ${JSON.stringify(key)}: a valid config key must consist of alphanumeric characters, '-', '_' or '.'`,
      });
    }
  }
  if (before?.immutable === true) {
    if (after.immutable !== true) errors.push(frozen('immutable'));
    if (!equalJson(before.data, after.data)) errors.push(frozen('data'));
  }
  return errors;
};

const secretErrors = (before: JsonObject | undefined, after: JsonObject): FieldError[] => {
  const errors = dataErrors(before, after);
  if (before !== undefined && before.type !== after.type) errors.push(immutableField('type', after.type));
  if (after.type === 'kubernetes.io/tls') {
    for (const key of ['tls.crt', 'tls.key']) {
      if (!(key in objectAt(after, 'data'))) errors.push(required(`data[${key}]`));
    }
  }
  return errors;
};

const workloadErrors = (before: JsonObject | undefined, after: JsonObject): FieldError[] => {
  const selector = objectAt(after, 'spec', 'selector');
  const labels = stringMapAt(objectAt(after, 'spec', 'template', 'metadata'), 'labels');
  const errors: FieldError[] = [];
  if (Object.keys(selector).length === 0) errors.push(required('spec.selector'));
  if (Object.entries(stringMapAt(selector, 'matchLabels')).some(([key, value]) => labels[key] !== value)) {
    errors.push({
      type: 'FieldValueInvalid',
      field: 'spec.template.metadata.labels',
      message: `Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``,
    });
  }
  if (before !== undefined && !equalJson(objectAt(before, 'spec', 'selector'), selector)) {
    errors.push(immutableField('spec.selector', selector));
  }
  return errors;
};

const eventErrors = (after: JsonObject): FieldError[] => {
  const needed = ['eventTime', 'reportingController', 'reportingInstance', 'action', 'reason'];
  const errors = needed.filter((field) => textAt(after, field) === '').map(required);
  if (Buffer.byteLength(textAt(after, 'note')) > 1024) errors.push(tooLong('note', 1024));
  for (const field of ['action', 'reason', 'reportingInstance']) {
    if (Buffer.byteLength(textAt(after, field)) > 128) errors.push(tooLong(field, 128));
  }
  return errors;
};

/** @throws {StatusError} 422 with one cause a field. */
export const validate = (kind: Kind, before: JsonObject | undefined, after: JsonObject): void => {
  const metadata = objectAt(after, 'metadata');
  const name = textAt(metadata, 'name');
  const errors: FieldError[] = [];
  // A dash at the end of generateName is masked, a dot is not (apimachinery pkg/api/validation/generic.go `maskTrailingDash`).
  const generated = optionalTextAt(metadata, 'generateName')?.replace(/-$/, 'a');
  for (const [field, value] of [
    ['metadata.name', name],
    ['metadata.generateName', generated],
  ] as const) {
    if (value === undefined || (NAME.test(value) && value.length <= 253)) continue;
    errors.push({
      type: 'FieldValueInvalid',
      field,
      message: `Invalid value: ${JSON.stringify(value)}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`,
    });
  }
  if (kind.kind === 'Secret') errors.push(...secretErrors(before, after));
  if (kind.kind === 'ConfigMap') errors.push(...dataErrors(before, after));
  if (kind.kind === 'Deployment' || kind.kind === 'StatefulSet')
    errors.push(...workloadErrors(before, after));
  if (kind.kind === 'Event') errors.push(...eventErrors(after));
  if (errors.length > 0) throw invalid(kind, name, errors);
};
