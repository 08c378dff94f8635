FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /occimi ./cmd/occimi

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /occimi /occimi
# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
# The loopback addresses that are the defaults cannot be reached from outside a container.
ENV OCCIMI_LISTEN=:8787 OCCIMI_ADMIN_LISTEN=:8788
EXPOSE 8787 8788
# For Docker and Podman; Kubernetes asks by itself.
HEALTHCHECK CMD ["/occimi", "healthcheck"]
ENTRYPOINT ["/occimi"]
CMD ["serve"]
