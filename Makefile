# `make build` and `make test` need nothing but Go; `make e2e` needs Debian 12 and root.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# The one place that says which linter; it is built, not downloaded as a binary.
GOLANGCI = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
INPUTS ?= 100000

.PHONY: build test race lint chart postgres fuzz bench e2e interop-jclouds docs golden help

build: ## build bin/occimi, static
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/occimi ./cmd/occimi

# The black-box tests run the program, which Go does not see when it remembers
# results: they are always run.
WHITE = $$(go list ./... | grep -vE '/conformance/(lifecycle|occi|cimi)$$')
# Go's own limit, ten minutes for a package, is one that a busy machine reaches.
GOTEST = go test -timeout 30m

test: ## all tests, on the embedded sandbox
	$(GOTEST) $(WHITE)
	$(GOTEST) -count=1 ./conformance/...

race: ## all tests under the race detector
	$(GOTEST) -race $(WHITE)

lint: ## formatting, vet and the linters, depguard's arrows among them
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'run gofmt -w'; exit 1; }
	go run $(GOLANGCI) run --allow-parallel-runners ./...

chart: ## the Helm chart's renderings and refusals
	./charts/test.sh

postgres: ## the store's contract on PostgreSQL, started and ended here
	./conformance/postgres.sh $(GOTEST) -count=1 ./backend/store

fuzz: ## each fuzz target with INPUTS inputs
	./conformance/fuzz.sh $(INPUTS)

bench: ## all benchmarks
	go test -run '^$$' -bench . -benchmem ./...

e2e: build ## contract suite and both protocols against a real OpenStack, brought up and taken down here
	./conformance/e2e.sh

interop-jclouds: build ## jclouds, OCCI and CIMI on one real OpenStack; needs Maven and a JDK 17
	./conformance/jclouds/run.sh

golden: ## write the golden files anew; look at the difference before committing it
	go test ./translate/... ./frontends/... ./cmd/... ./conformance/report -update
	go test ./conformance/occi ./conformance/cimi -run TestSandbox -update

help:
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'
