/**
 * The one gRPC call that the stand-ins speak, as bytes.
 *
 * **Invariant:** the same path and messages as grpc.health.v1 (grpc/grpc `src/proto/grpc/health/v1/health.proto`).
 */
export const HEALTH_CHECK = '/grpc.health.v1.Health/Check';

/** `HealthCheckRequest{}`: no compression, no bytes. */
export const REQUEST = Buffer.from([0, 0, 0, 0, 0]);

/** `HealthCheckResponse{status: SERVING}`. */
export const SERVING = Buffer.from([0, 0, 0, 0, 2, 8, 1]);
