# The agent's image: Node and the program, nothing else.
#
# `npm run bundle` prepares dist/image/ on the host (compiled program and run-time dependencies out of node_modules, no network), so this
# build reaches no registry of any kind: with BASE at hand it works offline, rootless and in a chroot.
#
#   npm install --no-save && npm run bundle && docker build -t argocd-mtls-rotator:0.1.0 .
#
# BASE: any image that has Node 24 as `node` on its PATH.
ARG BASE=docker.io/library/node:24-slim
FROM ${BASE}
WORKDIR /app
COPY dist/image/ /app/
ENV NODE_ENV=production
# V8 would keep 32 MB free for objects that die young, and glibc a heap for each thread (npm run bench:memory).
ENV NODE_OPTIONS=--max-semi-space-size=1
ENV MALLOC_ARENA_MAX=1
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["node", "/app/dist/agent/main.js"]
CMD ["run"]
