# The image of the API and of the indexer in docker-compose.yml.
FROM python:3.13-slim

# Where torch comes from: empty is the usual place, whose torch brings CUDA along; PyTorch's own
# index of builds for CPUs makes the image some gigabytes smaller.
ARG TORCH_INDEX=""

WORKDIR /byline
COPY constraints.txt ./
RUN pip install --no-cache-dir --constraint constraints.txt ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch
COPY pyproject.toml README.md LICENSE ./
COPY api api
COPY byline byline
COPY cli cli
COPY indexer indexer
COPY sample sample
RUN pip install --no-cache-dir --constraint constraints.txt .

# A volume that is empty takes over the owner of the folder where it is mounted.
RUN useradd --system --create-home byline \
    && mkdir /cache && chown byline /cache \
    && mkdir --mode 700 /keys && chown byline /keys
USER byline
WORKDIR /home/byline
VOLUME /cache /keys
ENTRYPOINT ["byline"]
