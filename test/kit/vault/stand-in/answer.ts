/**
 * What a handler of the stand-in is asked and answers, in Vault's own forms.
 */
export type Json = Readonly<Record<string, unknown>>;

export interface Ask {
  readonly method: 'GET' | 'LIST' | 'POST' | 'DELETE';
  /** Without `/v1/` and query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Json;
  readonly token: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body: Json | undefined;
}

/** An answer that ends a handler early. */
export class Refused extends Error {
  readonly answer: Answer;
  constructor(status: number, ...errors: readonly string[]) {
    super(errors.join('; '));
    this.answer = { status, body: { errors } };
  }
}

export const data = (content: Json): Answer => ({ status: 200, body: { data: content, auth: null } });
export const done: Answer = { status: 204, body: undefined };
export const nothing = (): Refused => new Refused(404);

export const text = (value: unknown): string => (typeof value === 'string' ? value : '');
export const list = (value: unknown): readonly string[] =>
  Array.isArray(value)
    ? value.filter((one): one is string => typeof one === 'string')
    : text(value)
        .split(',')
        .filter((one) => one !== '');

/** `30s`, `20m`, `8760h` or a number of seconds. */
export const seconds = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value;
  const [, digits, unit] = /^(\d+)([smh]?)$/.exec(text(value)) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * ({ s: 1, m: 60, h: 3600 }[unit || 's'] ?? 1);
};
