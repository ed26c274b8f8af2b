# Builds with everything, and leaves behind what only building needs.
FROM node:24.11-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY config config
COPY src src
COPY workflows workflows
COPY activities activities
# Temporal's library comes for five platforms, at 30 MB each; this image is of one.
RUN npm run build \
  && npm prune --omit=dev --ignore-scripts \
  && releases=node_modules/@temporalio/core-bridge/releases \
  && find "$releases" -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} +

FROM node:24.11-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 WORKER_HEALTH_PORT=8001
# The state of nemo-local, and the spools; a volume that is mounted there has the same owner.
RUN install -d -o node -g node -m 700 /var/lib/flywheel
ENV FLYWHEEL_SPOOL_DIR=/var/lib/flywheel/spool FLYWHEEL_PROXY_SPOOL_DIR=/var/lib/flywheel/proxy-spool
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/config config
USER node
EXPOSE 8000 8001
# A gateway answers on the one port, a worker on the other.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "-e", "Promise.any([process.env.PORT, process.env.WORKER_HEALTH_PORT].map(async (port) => { if (!(await fetch(`http://127.0.0.1:${port}/health`)).ok) throw port; })).catch(() => process.exit(1))"]
# Node is the first process, so that SIGTERM reaches it.
ENTRYPOINT ["node", "--enable-source-maps", "dist/src/cli/main.js"]
CMD ["gateway"]
