/**
 * The kinds of value an option can have: names, durations, labels. Each says in words what it allows.
 *
 * **Invariant:** `allowed` (for people) and the pattern (for programs) stand next to each other, in one place.
 */
import { validate as validCron } from 'node-cron';
import { z } from 'zod';
import { DURATION_ALLOWED, DURATION_PATTERN, parseDuration } from './duration.ts';

/** A Kubernetes name that is a DNS label (namespaces, instances). */
export const dnsLabel = () =>
  z
    .string()
    .max(63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
    .meta({
      allowed: 'lower-case letters, digits and "-", at most 63, starting and ending with a letter or digit',
    });

/** A Kubernetes name that is a DNS subdomain (Secrets, ConfigMaps, workloads, Certificates). */
export const objectName = () =>
  z
    .string()
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/)
    .meta({
      allowed: 'the name of a Kubernetes object: lower-case letters, digits, "-" and ".", at most 253',
    });

/** A key of a Secret. */
export const dataKey = () =>
  z
    .string()
    .max(253)
    .regex(/^[-._a-zA-Z0-9]+$/)
    .meta({ allowed: 'a key of a Secret: letters, digits, "-", "_" and ".", at most 253' });

/** The beginning of a Secret's key, to which an ending is added. */
export const keyBase = () =>
  z
    .string()
    .max(240)
    .regex(/^[-._a-zA-Z0-9]+$/)
    .meta({ allowed: 'the beginning of a key of a Secret: letters, digits, "-", "_" and "."' });

/** Node's timers can't wait longer than 2^31 ms, about 24.8 days: what is longer would fire at once. */
const LONGEST = '24d';

/** A duration; milliseconds once parsed. */
export const duration = (meta: { description: string; atLeast?: string }) => {
  const least = parseDuration(meta.atLeast ?? '0s') ?? 0;
  const most = parseDuration(LONGEST) ?? 0;
  const within = (value: number | undefined) => value === undefined || (value >= least && value <= most);
  return z
    .string()
    .regex(DURATION_PATTERN)
    .refine((text) => within(parseDuration(text)))
    .meta({
      description: meta.description,
      allowed: `${DURATION_ALLOWED}; ${meta.atLeast === undefined ? '' : `at least ${meta.atLeast}, `}at most ${LONGEST}`,
    })
    .transform((text) => parseDuration(text) ?? 0);
};

/** A file that the program reads. */
export const filePath = (description: string) =>
  z
    .string()
    .max(4096)
    .regex(/^\/[^\0\r\n]*[^/\0\r\n]$/)
    .meta({ allowed: 'an absolute path of a file' })
    .describe(description);

/** A directory that is mounted. */
export const directoryPath = () =>
  z
    .string()
    .max(1024)
    .regex(/^\/(?!.*(^|\/)\.\.?(\/|$))[^\0]+$/)
    .meta({ allowed: 'an absolute path without "." and ".."' });

/** A node-cron expression. */
export const cron = () =>
  z
    .string()
    .max(120)
    .refine((text) => validCron(text))
    .meta({ allowed: 'a cron expression of five fields (or six, with seconds first)' });

/** Labels that an object carries, for a selector by equality. */
export const kubernetesLabels = () =>
  z
    .record(
      z
        .string()
        .max(317)
        .regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/),
      z
        .string()
        .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/)
        .meta({ allowed: 'the value of a Kubernetes label: letters, digits, "-", "_" and ".", at most 63' }),
    )
    .refine((labels) => Object.keys(labels).length > 0)
    .meta({ allowed: 'Kubernetes labels, at least one' });

const labelName = z.string().regex(/^[a-z]([a-z0-9_]{0,38}[a-z0-9])?$/);

/** Free labels; names are such that traces and metrics carry them under the same word. */
export const labels = () =>
  z
    .record(
      labelName,
      z.string().max(128).meta({ allowed: 'text of at most 128 characters (quote numbers and true/false)' }),
    )
    .meta({
      allowed: 'label names of lower-case letters, digits and "_", at most 40, starting with a letter',
    });
