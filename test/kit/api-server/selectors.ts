/**
 * labelSelector and fieldSelector, in the forms that clients really send (equality, and set membership for labels).
 *
 * **Invariant:** a selector that isn't understood is an error, never "everything".
 */
import { type JsonObject, objectAt, stringMapAt, textAt } from './json.ts';
import { badRequest } from './status.ts';

export type Selector = (object: JsonObject) => boolean;

const fieldTerm = (term: string): Selector => {
  const match = /^(metadata\.(?:name|namespace))(!=|==?)(.*)$/.exec(term);
  if (match === null) throw badRequest(`field label not supported: ${term}`);
  const [, field = '', operator = '=', value = ''] = match;
  const key = field.slice('metadata.'.length);
  return (object) => (textAt(objectAt(object, 'metadata'), key) === value) === (operator !== '!=');
};

const labelTerm = (term: string): Selector => {
  const member = /^(\S+) (in|notin) \(([^)]*)\)$/.exec(term);
  const labels = (object: JsonObject): Readonly<Record<string, string>> =>
    stringMapAt(objectAt(object, 'metadata'), 'labels');
  if (member !== null) {
    const [, key = '', operator = 'in', values = ''] = member;
    const allowed = values.split(',').map((value) => value.trim());
    return (object) => allowed.includes(labels(object)[key] ?? '') === (operator === 'in');
  }
  const equality = /^([^!=\s]+)(!=|==?)([^!=\s]*)$/.exec(term);
  if (equality !== null) {
    const [, key = '', operator = '=', value = ''] = equality;
    return (object) => (labels(object)[key] === value) === (operator !== '!=');
  }
  if (/^[^!=\s(),]+$/.test(term)) return (object) => term in labels(object);
  throw badRequest(`unable to parse requirement: ${term}`);
};

/** Splits at commas that aren't inside parentheses. */
const terms = (text: string): readonly string[] =>
  text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');

export const selectorOf = (query: URLSearchParams): Selector => {
  const parts = [
    ...terms(query.get('fieldSelector') ?? '').map(fieldTerm),
    ...terms(query.get('labelSelector') ?? '').map(labelTerm),
  ];
  return (object) => parts.every((part) => part(object));
};

/** The name that a fieldSelector binds a list or watch to: what RBAC's resourceNames are compared with (apiserver requestinfo.go). */
export const selectedName = (query: URLSearchParams): string | undefined =>
  /(?:^|,)metadata\.name==?([^,]+)/.exec(query.get('fieldSelector') ?? '')?.[1];
