/**
 * A plan from the text of its file: what was written by `migrate plan`, and nothing that merely looks like it.
 *
 * **Invariant:** what comes out can be worked with as its type says; an error never repeats the text that it is about.
 */
import { parse } from 'yaml';
import { RotatorError } from '../../model/errors.ts';
import { MIGRATION_STEPS, type MigrationPlan, ROOT_WAYS } from '../../model/migration.ts';
import { isRecord } from '../../rotation/journal-shape.ts';

type Is = (value: unknown) => boolean;

const text: Is = (value) => typeof value === 'string';
const name: Is = (value) => typeof value === 'string' && value !== '';
const oneOf =
  (words: readonly string[]): Is =>
  (value) =>
    typeof value === 'string' && words.includes(value);
const optional =
  (is: Is): Is =>
  (value) =>
    value === undefined || is(value);
const list =
  (is: Is): Is =>
  (value) =>
    Array.isArray(value) && value.every(is);
const shape =
  (members: Readonly<Record<string, Is>>): Is =>
  (value) =>
    isRecord(value) && Object.entries(members).every(([key, is]) => is(value[key]));

const objectPlace = { kind: oneOf(['Secret', 'ConfigMap']), namespace: name, name };
const keyPlace = shape({ ...objectPlace, key: name });
const part: Is = (value) =>
  shape({ kind: oneOf(['certificate']), fingerprint: name })(value) ||
  shape({ kind: oneOf(['private-key']), keyFingerprint: name })(value);

const MEMBERS: Readonly<Record<keyof MigrationPlan, Is>> = {
  version: (value) => value === 1,
  at: name,
  instance: shape({ name, namespace: name, mtlsSecret: name, servingSecret: optional(name) }),
  root: optional(
    shape({
      kept: oneOf(ROOT_WAYS),
      fingerprint: name,
      subject: text,
      notAfter: name,
      from: keyPlace,
      issuing: optional(name),
      keyFrom: optional(keyPlace),
    }),
  ),
  config: optional(isRecord),
  objects: list(
    shape({
      apiVersion: name,
      kind: name,
      namespace: name,
      name,
      manifest: isRecord,
      copies: list(shape({ to: name, from: keyPlace, part })),
      why: text,
      step: name,
    }),
  ),
  patches: list(
    shape({
      component: name,
      workload: shape({ kind: oneOf(['Deployment', 'StatefulSet']), namespace: name, name }),
      patch: name,
      command: name,
      traffic: text,
      step: name,
    }),
  ),
  instructions: list(text),
  steps: list(
    shape({
      id: oneOf(MIGRATION_STEPS),
      by: oneOf(['migrate', 'operator']),
      title: text,
      does: text,
      traffic: text,
      undo: text,
      waitsFor: text,
    }),
  ),
  removable: list(
    shape({
      what: text,
      why: text,
      command: optional(text),
      object: optional(shape(objectPlace)),
    }),
  ),
  problems: list(
    shape({
      code: name,
      severity: oneOf(['blocking', 'warning', 'info']),
      about: text,
      what: text,
      effect: text,
      next: text,
    }),
  ),
};

const refused = (what: string, next: string): RotatorError =>
  new RotatorError('refused', { what, effect: 'Nothing was written; traffic is as it was.', next });

/** JSON is YAML. @throws RotatorError `refused` */
export const readPlan = (content: string): MigrationPlan => {
  let value: unknown;
  try {
    value = parse(content, { maxAliasCount: 1000 });
  } catch {
    value = undefined;
  }
  if (!isRecord(value))
    throw refused('The plan is neither JSON nor YAML.', 'Give the file that migrate plan wrote.');
  if (typeof value.version === 'number' && value.version > 1)
    throw refused(
      `The plan has format ${value.version}, this program knows format 1.`,
      'Use the version that wrote it, or a newer one.',
    );
  const found = value;
  const wrong = Object.entries(MEMBERS).filter(([key, is]) => !is(found[key]));
  if (wrong.length > 0)
    throw refused(
      `The plan is not one: ${wrong.map(([key]) => key).join(', ')} ${wrong.length === 1 ? 'is' : 'are'} not as migrate plan writes ${wrong.length === 1 ? 'it' : 'them'}.`,
      'Write it anew with migrate plan.',
    );
  return found as unknown as MigrationPlan;
};
