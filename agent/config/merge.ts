/**
 * `defaults` laid under an instance: groups are merged option by option, everything else is replaced.
 *
 * **Invariant:** what an instance says itself always wins, and neither input is changed.
 */
type Group = Readonly<Record<string, unknown>>;

export const isGroup = (value: unknown): value is Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const merge = (below: unknown, above: unknown): unknown => {
  if (!isGroup(below) || !isGroup(above)) return above === undefined ? below : above;
  const merged = new Map<string, unknown>(Object.entries(below));
  for (const [key, value] of Object.entries(above)) merged.set(key, merge(merged.get(key), value));
  return Object.fromEntries(merged);
};
