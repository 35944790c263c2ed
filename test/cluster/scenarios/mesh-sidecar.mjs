// A mesh's proxy before a repo-server that listens on loopback only. Runs in the pod, with nothing but Node.
//
// Whoever's address stands in /mesh/config/strict meets the mesh's own TLS, which wants a certificate of the mesh. Everybody else's bytes are
// passed on: in a real mesh those are the clients, whose own proxies speak for them.
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';

const PORT = 8081;
const read = (name) => readFileSync(`${process.env.MESH ?? '/mesh'}/${name}`, 'utf8');
const strict = () => read('config/strict').split(/\s+/).filter(Boolean);

const mesh = tls.createServer({
  cert: read('identity/tls.crt'),
  key: read('identity/tls.key'),
  ca: read('identity/ca.crt'),
  requestCert: true,
  rejectUnauthorized: true,
  ALPNProtocols: ['h2'],
});
mesh.on('tlsClientError', () => undefined);
mesh.on('secureConnection', (socket) => socket.destroy());

const server = net.createServer((socket) => {
  socket.on('error', () => undefined);
  if (strict().includes((socket.remoteAddress ?? '').replace('::ffff:', ''))) {
    mesh.emit('connection', socket);
    return;
  }
  const through = net.connect(PORT, process.env.UPSTREAM ?? '127.0.0.1');
  through.on('error', () => socket.destroy());
  through.on('close', () => socket.destroy());
  socket.on('close', () => through.destroy());
  socket.pipe(through);
  through.pipe(socket);
});
server.listen(PORT, process.env.POD_IP, () => console.log('listening'));

let last;
setInterval(() => {
  const now = strict().join(' ');
  if (now !== last) console.log(`strict: ${now === '' ? 'nobody' : now}`);
  last = now;
}, 500);

// repo-server goes on serving for some seconds after it was told to stop.
process.on('SIGTERM', () => setTimeout(() => process.exit(0), 10_000));
