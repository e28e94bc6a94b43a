# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
#
#   docker build --tag watchfire/watchfire:0.1.0 .
#
# Takes the place of an Alertmanager image as it is: same arguments, same paths, same port. Writes
# nowhere but /alertmanager (or where --storage.path points), so it runs with a read-only root and
# under any uid.

FROM debian:12-slim AS build
WORKDIR /src
COPY . .
# Installs the compilers and libraries it needs, then builds Release into build/release/bin.
RUN ./dev build

FROM debian:12-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="watchfire" \
      org.opencontainers.image.description="The one binary between Prometheus and the pager" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# What the binaries load, the certificates they trust and the time zones that calendars name.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        ca-certificates \
        libcctz2 \
        libcpp-httplib0.11 \
        libcrypt1 \
        libcurl4 \
        libmimalloc2.0 \
        libprometheus-cpp-core1.0 \
        libre2-9 \
        libsimdjson14 \
        libsnappy1v5 \
        libspdlog1.10 \
        libsqlite3-0 \
        libssl3 \
        libstdc++6 \
        libyaml-cpp0.7 \
        tzdata \
    && rm -rf /var/lib/apt/lists/*

COPY --from=build /src/build/release/bin/watchfire /src/build/release/bin/wfctl /usr/bin/
COPY LICENSE /usr/share/doc/watchfire/copyright
COPY deploy/image/alertmanager.yml /etc/alertmanager/alertmanager.yml
# Fails the build rather than the pod if a library is missing. Manifests written for Alertmanager
# may name its binary. Group 0 owns the data for platforms that assign a random uid.
RUN ! ldd /usr/bin/watchfire /usr/bin/wfctl | grep 'not found' \
    && ln -s watchfire /usr/bin/alertmanager \
    && install --directory --owner=65534 --group=0 --mode=0775 /alertmanager

# By number, because the kubelet cannot tell whether a name is root.
USER 65534:65534
WORKDIR /alertmanager
EXPOSE 9093
ENTRYPOINT ["/usr/bin/watchfire"]
CMD ["--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager"]
