# One image for web, workers, beat and simulator; what a container is, its command says (docker-compose.yml).
FROM python:3.12-slim AS build
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir 'uv>=0.9'
WORKDIR /studio
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev
COPY . .
# Hashed and compressed here once. The secret is of this line only, so that none is left in the image.
RUN STUDIO_DATA_DIR=/data DJANGO_SECRET_KEY=build STUDIO_SIGNING_KEY=build \
    STUDIO_ENCRYPTION_KEYS=YnVpbGQtYnVpbGQtYnVpbGQtYnVpbGQtYnVpbGQtYnU= \
    .venv/bin/python manage.py prepare --static-only

FROM python:3.12-slim
# The simulator writes prompts into its pictures, Chinese ones too; nothing else needs a font.
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home studio
COPY --from=build /studio /studio
COPY --from=build --chown=studio /data /data
# Made here, so that new volumes belong to the user.
RUN install --directory --owner=studio /data/spool /data/simulator
# Threads share one arena of memory: the control worker then needs a third for each video in flight.
ENV PATH=/studio/.venv/bin:$PATH PYTHONUNBUFFERED=1 MALLOC_ARENA_MAX=1 STUDIO_DATA_DIR=/data
WORKDIR /studio
USER studio
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["python", "-m", "gunicorn", "wanstudio.wsgi", "--worker-class", "wanstudio.webserver.Worker", "--workers", "2", "--threads", "8", "--limit-request-line", "8190", "--preload", "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--graceful-timeout", "30", "--log-level", "warning"]
