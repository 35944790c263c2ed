/**
 * Addresses of repo-server as Argo CD's clients take them.
 */

/**
 * The name that a client verifies repo-server by: the host of its gRPC target, without scheme, port and brackets
 * (grpc-go, internal/transport and credentials/tls.go: the authority of `dns:///host:port` is `host`).
 */
export function dialledHost(address: string): string {
  const target = address.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*\//i, '');
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(target)?.[1];
  return bracketed ?? target.replace(/:\d+$/, '');
}
