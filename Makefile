# The commands that README.md names. Each is a script of its own; CARGO_TARGET_DIR says where to build, else ./target.

.PHONY: help setup demo test scenario soak cluster bench install header clean

help:
	@echo "make setup    installs what is missing (Debian and its kin; names the packages elsewhere)"
	@echo "make demo     pays from C against the sandbox, through a lost answer and a crash"
	@echo "make test     everything, with the seconds of each part"
	@echo "make scenario one story in every language, with the same answers; GENERATION=v1 or v2 for one payment API"
	@echo "make soak     kills a paying server for SECONDS=30 and compares every coin; above 60, a million simulated"
	@echo "              histories first; GENERATION=v2 or mixed for virtual payment 2.0, or for both APIs in turn"
	@echo "make cluster  kills and pauses four servers on one PostgreSQL for SECONDS=30, restarts the database and compares"
	@echo "              every coin; GENERATION=v2 or mixed, SEED=n"
	@echo "make bench    cost of one signed request, and payments per second"
	@echo "make install  puts headers, libraries, wxgame.pc and the CMake package under PREFIX=/usr/local"
	@echo "make header   writes include/wxgame.h anew from src/ffi"
	@echo "make clean    removes what was built"

setup:
	@scripts/setup.sh

demo:
	@scripts/setup.sh demo
	@scripts/demo.sh

test: setup
	@scripts/test.sh

scenario: setup
	@scripts/scenario.sh

SECONDS = 30

soak: setup
	@scripts/soak.sh $(SECONDS) $(if $(GENERATION),--generation $(GENERATION))

cluster: setup
	@SEED="$(SEED)" scripts/cluster.sh $(SECONDS) $(if $(GENERATION),--generation $(GENERATION))

bench: setup
	@scripts/bench.sh

PREFIX = /usr/local

# Builds nothing: whoever installs as root has no cargo.
install:
	@PREFIX="$(PREFIX)" LIBDIR="$(LIBDIR)" DESTDIR="$(DESTDIR)" scripts/install.sh

header:
	@UPDATE_HEADER=1 cargo test --quiet --locked --test header
	@echo "include/wxgame.h is written: read its diff."

clean:
	@cargo clean
