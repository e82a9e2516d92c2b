# syntax=docker/dockerfile:1
# `lowformer` with what serving and queues need: docs/containers.md. It runs as a user without rights on a read-only file system.
ARG NODE_VERSION=22.21.1

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node tools/build.js

# Versions are those of the lock file. Libraries for other systems are two thirds of ONNX Runtime's package.
FROM node:${NODE_VERSION}-bookworm-slim AS packages
WORKDIR /packages
COPY package.json package-lock.json ./
COPY tools/release/image_packages.js ./tools/release/
RUN node tools/release/image_packages.js \
  && npm install --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/onnxruntime-node/bin/napi-v*/darwin node_modules/onnxruntime-node/bin/napi-v*/win32

FROM node:${NODE_VERSION}-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY LICENSE NOTICE README.md ./
COPY --from=packages /packages/package.json ./
COPY --from=packages /packages/node_modules ./node_modules
COPY assets ./assets
COPY --from=build /build/dist ./dist
RUN ln -s /app/dist/tools/lowformer.js /usr/local/bin/lowformer && mkdir -m 1777 /cache
# Weights that are downloaded, and networks that were optimised: kept where something is mounted there, else done anew.
ENV LOWFORMER_CACHE=/cache
USER 1000:1000
WORKDIR /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["lowformer"]
CMD ["serve", "blood-cells", "--host", "0.0.0.0"]
