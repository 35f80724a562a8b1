# syntax=docker/dockerfile:1
# Every image of Plaza, from the root of the repository; the feed's worker runs in the feed's image:
#   docker build -f deploy/service.Dockerfile --build-arg WORKSPACE=services/user -t plaza/user:dev .
# WORKSPACE: services/user, services/product, services/order, services/social-graph, services/feed, deploy (jobs), tools.
# Node is the version that the tests run under. A release builds from digests, which
# `docker buildx imagetools inspect <image> --format '{{.Manifest.Digest}}'` prints: --build-arg NODE=node@sha256:…
ARG NODE=node:26.10.0-trixie-slim
ARG RUNTIME=gcr.io/distroless/cc-debian13:nonroot

FROM ${NODE} AS build
WORKDIR /plaza
# Node needs libatomic, and distroless has none.
RUN apt-get update && apt-get install -y --no-install-recommends libatomic1
COPY . .
RUN --mount=type=cache,target=/npm npm ci --cache /npm
RUN mkdir /credentials
ARG WORKSPACE
RUN sh deploy/image.sh "$WORKSPACE" /app

# glibc, libstdc++ and certificates; no shell, no package manager. Same Debian as above.
FROM ${RUNTIME}
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /usr/lib/*-linux-gnu/libatomic.so.1* /usr/lib/
# Where compose mounts its volume; a new volume takes the owner from here.
COPY --from=build --chown=65532:65532 /credentials /credentials
COPY --from=build /app /app
WORKDIR /app
USER 65532:65532
# The AWS SDK looks into it, and dies where there is none.
ENV HOME=/app
# Nothing is written, so the root may be read-only. The file to run is the argument: services/user/src/main.ts
ENTRYPOINT ["/usr/local/bin/node"]
