# The course for a JupyterHub, and `islesedu cluster run` for a cluster: docs/running.md.
#   docker build -t islesedu .
#   docker run -p 8888:8888 islesedu                                  (JupyterLab, with a course folder)
#   docker run -e TF_CONFIG islesedu islesedu cluster run ...         (docs/cluster.md)
FROM python:3.12-slim
# A JupyterHub wants its own version in the image: --build-arg ALSO=jupyterhub==6.1.1
ARG ALSO=""
RUN useradd --create-home --uid 1000 student
WORKDIR /src
COPY constraints.txt pyproject.toml setup.py README.md LICENSE LICENSE-text ./
COPY islesedu ./islesedu
COPY notebooks ./notebooks
COPY data ./data
RUN pip install --no-cache-dir ".[lab]" $ALSO -c constraints.txt && rm -rf /src/*
USER student
WORKDIR /home/student
CMD ["sh", "-c", "islesedu lessons copy islesedu && exec jupyter lab --ip=0.0.0.0 --no-browser --notebook-dir=islesedu/notebooks"]
