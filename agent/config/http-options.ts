/**
 * Where the program's own HTTP server listens, as options.
 *
 * **Invariant:** the same for the agent and for a sidecar, but for the port.
 */
import { z } from 'zod';

export const http = (port: number) =>
  z.strictObject({
    host: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[0-9a-zA-Z.:-]+$/)
      .meta({ allowed: 'an address or host name' })
      .describe('Address to listen on.')
      .prefault('0.0.0.0'),
    port: z
      .int()
      .min(0)
      .max(65535)
      .meta({ allowed: 'a whole number from 0 to 65535 (0: any free port)' })
      .describe('Port to listen on.')
      .prefault(port),
  });
