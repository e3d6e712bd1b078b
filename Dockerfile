# A container of mesh2gw: for pipelines, for pre-commit, and as a KRM function of kpt
# (mesh2gw without arguments takes a ResourceList on standard input).
#
#   docker build -t mesh2gw --build-arg VERSION=v0.1.0 .
#   docker run --rm -v "$PWD:/work:ro" mesh2gw lint k8s/
#   helm template . | docker run --rm -i mesh2gw convert
#
# e2e/packaging reads this file with BuildKit's parser and runs its steps in a copy of
# the sources; building the image itself takes a daemon.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/mesh2gw ./cmd/mesh2gw

# The base holds nothing but a user that is not root: mesh2gw needs no shell, no C
# library, and no certificates, since it talks to nobody.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/mesh2gw /usr/local/bin/mesh2gw
COPY LICENSE /usr/share/doc/mesh2gw/LICENSE
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/mesh2gw"]
