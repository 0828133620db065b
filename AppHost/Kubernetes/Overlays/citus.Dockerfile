# The operator's image of PostgreSQL with Citus, for overlays/prod-citus. CITUS_REPOSITORY is the address of the package repository that Citus' documentation names.
#   docker build --build-arg CITUS_REPOSITORY=https://… -f AppHost/Kubernetes/Overlays/citus.Dockerfile -t ghcr.io/talentsphere/postgresql-citus:17.6-13.2 AppHost/Kubernetes/Overlays
FROM ghcr.io/cloudnative-pg/postgresql:17.6
ARG CITUS_REPOSITORY
USER root
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl gnupg \
    && curl --fail --silent --show-error --location "$CITUS_REPOSITORY/gpgkey" | gpg --dearmor --output /usr/share/keyrings/citus.gpg \
    && . /etc/os-release \
    && echo "deb [signed-by=/usr/share/keyrings/citus.gpg] $CITUS_REPOSITORY/debian/ $VERSION_CODENAME main" > /etc/apt/sources.list.d/citus.list \
    && apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-17-citus-13.2 \
    && apt-get purge --yes curl gnupg \
    && apt-get autoremove --yes \
    && rm -rf /var/lib/apt/lists/*
USER 26
