# An image of the program with the tested versions of its libraries (constraints.txt).
#
#   docker build -t focusbench .
#   docker build -t focusbench:cuda --build-arg BASE=nvidia/cuda:12.8.1-base-ubuntu24.04 .
#   docker run --rm -u "$(id -u):$(id -g)" -v "$PWD:/work" -v focusbench:/cache focusbench run
ARG BASE=debian:bookworm-slim
FROM ${BASE}

# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /src
COPY constraints.txt environment.yml LICENSE pyproject.toml README.md Snakefile ./
COPY config config
COPY files files
COPY focusbench focusbench
COPY imaging imaging
COPY methods methods
COPY metrics metrics
COPY profiles profiles
COPY results/reference/adopted.json results/reference/adopted.json
COPY results/reference/run.json results/reference/run.json
COPY results/reference/tables results/reference/tables
COPY scenes scenes
COPY study study
COPY workflow workflow

# Index of packages besides pip's own, such as the one with builds of torch for processors only: they are much smaller.
ARG PIP_EXTRA_INDEX_URL
# Whoever runs it (docker run -u) may write to the folder of the work and to the cache.
RUN python3 -m venv /opt/focusbench \
    && /opt/focusbench/bin/pip install --no-cache-dir -c constraints.txt . \
    && install -d -m 1777 /work /cache

ENV PATH=/opt/focusbench/bin:$PATH HOME=/tmp LANG=C.UTF-8 FOCUSBENCH_CACHE=/cache
WORKDIR /work
ENTRYPOINT ["focusbench"]
CMD ["--help"]
