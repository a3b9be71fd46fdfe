# The service as an image: `docker build -t patchwright .`; compose.yaml runs it with PostgreSQL, docs/operators.md says how.
# tests/packaging/test_image.py carries out these very steps in a fresh directory.

# The newest CPython that everything in the lock has wheels for: the syntax that can be analysed is the interpreter's.
ARG PYTHON=3.14-slim-trixie

FROM python:${PYTHON} AS build
WORKDIR /build
COPY requirements-service.lock ./
RUN python -m venv --without-pip /opt/patchwright \
    && python -m pip --python /opt/patchwright/bin/python install --no-cache-dir --disable-pip-version-check \
        --only-binary=:all: --require-hashes --requirement requirements-service.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
COPY codemods ./codemods
COPY templates ./templates
RUN python -m pip --python /opt/patchwright/bin/python install --no-cache-dir --disable-pip-version-check \
        --no-deps --no-build-isolation . \
    && python -m pip --python /opt/patchwright/bin/python uninstall --yes \
        hatchling editables packaging pluggy tomlkit trove-classifiers \
    && install -d -m 0700 data

FROM python:${PYTHON}
ARG VERSION=""
ARG REVISION=""
LABEL org.opencontainers.image.title="patchwright" \
      org.opencontainers.image.description="A GitHub App that finds production anti-patterns in Python repositories and opens pull requests that fix them" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN python -m pip uninstall --yes pip \
    && rm -rf /usr/local/lib/python3.*/ensurepip
COPY --from=build /opt/patchwright /opt/patchwright
# A volume that is empty takes over this folder's owner.
COPY --from=build --chown=10001:10001 /build/data /data
ENV PATH=/opt/patchwright/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    PATCHWRIGHT_CACHE_DIR=/tmp/patchwright-cache \
    PATCHWRIGHT_DATA_DIR=/data \
    PATCHWRIGHT_HOST=0.0.0.0
WORKDIR /data
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8080
STOPSIGNAL SIGTERM
# A worker has no port unless PATCHWRIGHT_METRICS_PORT gives it one: compose.yaml sets it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; port = os.environ.get('PATCHWRIGHT_METRICS_PORT') or os.environ.get('PATCHWRIGHT_PORT') or '8080'; urllib.request.urlopen(f'http://127.0.0.1:{port}/health', timeout=4)"]
ENTRYPOINT ["patchwright"]
CMD ["serve"]
