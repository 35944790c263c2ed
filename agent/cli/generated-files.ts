/**
 * The committed files that are made from the code, and what they must hold.
 *
 * **Invariant:** a file is either listed here or written by hand, never both.
 */
import { factsReference } from '../argocd/reference.ts';
import { configurationReference } from '../config/reference.ts';
import { publishedSchema } from '../config/schema.ts';
import { telemetryReference } from '../telemetry/reference.ts';

/** Refreshes every generated file. Named by the tests that find one stale. */
export const REFRESH_COMMAND = 'npm run generate';

/** Path below the repository's root → content. */
export const generatedFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ['CONFIGURATION.md', configurationReference()],
    ['TELEMETRY.md', telemetryReference()],
    ['docs/argocd-facts.md', factsReference()],
    ['manifests/config.schema.json', publishedSchema()],
  ]);
