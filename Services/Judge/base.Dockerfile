# What the judge's image stands on: the runtime, boxes, and every language it judges, all below /usr.
#   docker build -f Services/Judge/base.Dockerfile -t ghcr.io/talentsphere/judge-base:10.0-noble Services/Judge
FROM mcr.microsoft.com/dotnet/sdk:10.0-noble
RUN apt-get update \
    && apt-get install --yes --no-install-recommends bubblewrap util-linux python3 nodejs gcc g++ openjdk-21-jdk-headless \
    && rm -rf /var/lib/apt/lists/*
USER 10001:10001
