# "make" lists the targets. Only Go and make are needed; linters are fetched and
# pinned by "go run", so that go.mod knows nothing of them.

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOFUMPT     := mvdan.cc/gofumpt@v0.12.0
FUZZTIME    ?=
VERSION     ?=

.PHONY: help build test demo lint fuzz docs golden bench schemas e2e ci

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

build: ## build bin/mesh2gw (VERSION=v1.2.3 stamps it)
	CGO_ENABLED=0 go build -trimpath $(if $(VERSION),-ldflags "-X main.version=$(VERSION)") -o bin/mesh2gw ./cmd/mesh2gw

test: ## run all tests
	go test ./...

# Findings are what the demo is about, so they don't fail it: --fail-on never.
demo: build ## convert the sample application and show the findings
	@echo '$$ mesh2gw convert testdata/bookinfo'
	@bin/mesh2gw convert testdata/bookinfo --fail-on never --findings bin/demo.txt 2>bin/demo.err || { cat bin/demo.err; exit 1; }
	@echo
	@echo 'Findings (file:line:column: id severity: what changes for traffic. The way out.):'
	@echo
	@cat bin/demo.txt
	@echo
	@cat bin/demo.err

lint: ## run go vet, staticcheck and gofumpt
	go vet ./...
	go run $(STATICCHECK) -checks inherit,ST1000,ST1016,ST1020,ST1021,ST1022 ./...
	@bad=$$(go run $(GOFUMPT) -l cmd convert e2e) || exit 1; test -z "$$bad" || { echo "gofumpt -w is due:"; echo "$$bad"; exit 1; }

# Up to a minute each, counted in runs: a deadline in time can end the engine
# with "context deadline exceeded" though no input failed. The usual minimizing
# leaves it stuck on slow machines, hence 10x.
fuzz: ## fuzz reading, converting, proving and printing (FUZZTIME=5m for longer)
	go test ./convert/source -run '^$$' -fuzz '^FuzzSource$$' -fuzztime $(or $(FUZZTIME),300000x) -fuzzminimizetime 10x
	go test ./convert/source -run '^$$' -fuzz '^FuzzPlain$$' -fuzztime $(or $(FUZZTIME),400000x) -fuzzminimizetime 10x
	go test ./convert/source -run '^$$' -fuzz '^FuzzComments$$' -fuzztime $(or $(FUZZTIME),100000x) -fuzzminimizetime 10x
	go test ./convert/source -run '^$$' -fuzz '^FuzzText$$' -fuzztime $(or $(FUZZTIME),100000x) -fuzzminimizetime 10x
	go test ./convert/triage -run '^$$' -fuzz '^FuzzApply$$' -fuzztime $(or $(FUZZTIME),20000x) -fuzzminimizetime 10x
	go test ./convert/hint -run '^$$' -fuzz '^FuzzHints$$' -fuzztime $(or $(FUZZTIME),800x) -fuzzminimizetime 10x
	go test ./convert/linkerd -run '^$$' -fuzz '^FuzzAdd$$' -fuzztime $(or $(FUZZTIME),40000x) -fuzzminimizetime 10x
	go test ./convert/policy/kgateway -run '^$$' -fuzz '^FuzzBind$$' -fuzztime $(or $(FUZZTIME),10000x) -fuzzminimizetime 10x
	go test ./convert/policy/envoygateway -run '^$$' -fuzz '^FuzzBind$$' -fuzztime $(or $(FUZZTIME),10000x) -fuzzminimizetime 10x
	go test ./convert/lint -run '^$$' -fuzz '^FuzzConfig$$' -fuzztime $(or $(FUZZTIME),20000x) -fuzzminimizetime 10x
	go test ./cmd/mesh2gw/internal/config -run '^$$' -fuzz '^FuzzParse$$' -fuzztime $(or $(FUZZTIME),100000x) -fuzzminimizetime 10x
	go test ./cmd/mesh2gw/internal/krm -run '^$$' -fuzz '^FuzzRewrite$$' -fuzztime $(or $(FUZZTIME),50000x) -fuzzminimizetime 10x
	go test ./cmd/mesh2gw/internal/print -run '^$$' -fuzz '^FuzzLint$$' -fuzztime $(or $(FUZZTIME),3000x) -fuzzminimizetime 10x
	go test ./cmd/mesh2gw/internal/probe/plan -run '^$$' -fuzz '^FuzzRead$$' -fuzztime $(or $(FUZZTIME),50000x) -fuzzminimizetime 10x
	go test ./cmd/mesh2gw/internal/audit/traffic -run '^$$' -fuzz '^FuzzRead$$' -fuzztime $(or $(FUZZTIME),200000x) -fuzzminimizetime 10x
	go test ./cmd/mesh2gw -run '^$$' -fuzz '^FuzzConvert$$' -fuzztime $(or $(FUZZTIME),80000x) -fuzzminimizetime 10x
	go test ./convert/route -run '^$$' -fuzz '^FuzzOverlap$$' -fuzztime $(or $(FUZZTIME),200000x) -fuzzminimizetime 10x
	go test ./convert/prove -run '^$$' -fuzz '^FuzzProve$$' -fuzztime $(or $(FUZZTIME),80000x) -fuzzminimizetime 10x
	go test ./convert/gwapi -run '^$$' -fuzz '^FuzzRead$$' -fuzztime $(or $(FUZZTIME),80000x) -fuzzminimizetime 10x
	go test ./cmd/mesh2gw/internal/print -run '^$$' -fuzz '^FuzzScalar$$' -fuzztime $(or $(FUZZTIME),1000000x) -fuzzminimizetime 10x

docs: ## write docs/rules.md, docs/fields.md, docs/cli.md and docs/schema anew
	go test ./cmd/mesh2gw -run '^TestDocs$$' -update
	go test ./cmd/mesh2gw/internal/config -run '^TestSchema$$' -update
	go test ./convert/report -run '^TestSchemas$$' -update
	go test ./cmd/mesh2gw/internal/probe/plan ./cmd/mesh2gw/internal/probe/result ./cmd/mesh2gw/internal/audit ./cmd/mesh2gw/internal/cost -run '^TestSchema$$' -update

golden: ## write the expected outputs below testdata anew
	go test ./cmd/mesh2gw -run '^(TestConvertGolden|TestRuleExamples|TestScripts)$$' -update
	go test ./convert/mesh ./convert/gwapi ./convert/hint ./convert/lint ./convert/triage ./convert/report ./cmd/mesh2gw/internal/print -update

bench: ## measure conversion and printing
	go test ./cmd/mesh2gw/... -run '^$$' -bench . -benchmem

schemas: ## write the CRD schemas in convert/check anew from the gateway-api module
	go run ./convert/check/internal/genschemas

# Modules of their own, so that go.mod knows nothing of istiod or a browser. The first
# build takes minutes; Go's build cache keeps it. E2E=browser runs one of them.
E2E ?= $(notdir $(patsubst %/,%,$(wildcard e2e/*/)))
e2e: ## let real parts judge: Istio's control plane, an API server, Prometheus, a browser, CRDs of implementations, pre-commit, kustomize, five languages
	@for part in $(E2E); do \
	  echo "e2e/$$part"; \
	  (cd e2e/$$part && go vet ./... && go test -count=1 -parallel 8 -timeout 30m ./...) || exit 1; \
	done

ci: ## what continuous integration runs
	.ci/run
