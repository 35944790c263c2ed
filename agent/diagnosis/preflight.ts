/**
 * All checks, in one list: adding one is a file and a line.
 *
 * **Invariant:** a check writes nothing, asks nothing, and doesn't know of the others.
 */
import type { Finding } from '../model/plan.ts';
import { readableCommand } from './checks/command.ts';
import {
  ambiguousComponents,
  componentsWithoutPods,
  missingComponents,
  strayPods,
} from './checks/components.ts';
import { lateWindows } from './checks/late-window.ts';
import { meshProxy } from './checks/mesh.ts';
import { clientCaFile, clientFiles, servingFiles } from './checks/mounts.ts';
import { operatorManaged } from './checks/operator.ts';
import { otherLayout } from './checks/other-layout.ts';
import { foreignFields, foreignOwners } from './checks/owners.ts';
import { preStop } from './checks/pre-stop.ts';
import { otherRestarters } from './checks/restarters.ts';
import { immutableTargets, settingsLabel } from './checks/secrets.ts';
import {
  caFileElsewhere,
  caFileMissing,
  caFileNotProjected,
  caPathOutOfReach,
  strictTls,
  unverifiedServer,
} from './checks/server-verification.ts';
import { servingNames, servingSelfSigned, servingUnreadable } from './checks/serving-names.ts';
import { sourceWarnings } from './checks/source-warnings.ts';
import { pausedDeployments, strategies } from './checks/strategies.ts';
import { subPathMounts } from './checks/sub-path.ts';
import { plaintextClients, repoServerWithoutTls } from './checks/tls-off.ts';
import { version } from './checks/version.ts';
import type { Check, PreflightInput } from './input.ts';

export const CHECKS: readonly Check[] = [
  ambiguousComponents,
  missingComponents,
  version,
  readableCommand,
  repoServerWithoutTls,
  plaintextClients,
  meshProxy,
  clientCaFile,
  clientFiles,
  servingFiles,
  foreignOwners,
  foreignFields,
  immutableTargets,
  pausedDeployments,
  caFileMissing,
  caFileNotProjected,
  caFileElsewhere,
  caPathOutOfReach,
  servingUnreadable,
  servingNames,
  servingSelfSigned,
  unverifiedServer,
  strictTls,
  lateWindows,
  otherLayout,
  subPathMounts,
  strategies,
  otherRestarters,
  operatorManaged,
  settingsLabel,
  sourceWarnings,
  preStop,
  strayPods,
  componentsWithoutPods,
];

const WEIGHT = { blocking: 0, warning: 1, info: 2 } as const;

/** Everything found, the gravest first; within one severity in the order of {@link CHECKS}. */
export const preflight = (input: PreflightInput): readonly Finding[] =>
  CHECKS.flatMap((check) => check(input)).toSorted((a, b) => WEIGHT[a.severity] - WEIGHT[b.severity]);
