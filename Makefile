# The commands that README.md names. Each is a script of its own; CARGO_TARGET_DIR says where to build, else ./target.

.PHONY: help setup demo test soak bench header clean

help:
	@echo "make setup    installs what is missing (Debian and its kin; names the packages elsewhere)"
	@echo "make demo     pays from C against the sandbox, through a lost answer and a crash"
	@echo "make test     everything, with the seconds of each part"
	@echo "make soak     kills a paying server for SECONDS=30 and compares every coin"
	@echo "make bench    cost of one signed request, and payments per second"
	@echo "make header   writes include/wxgame.h anew from src/ffi"
	@echo "make clean    removes what was built"

setup:
	@scripts/setup.sh

demo: setup
	@scripts/demo.sh

test: setup
	@scripts/test.sh

SECONDS = 30

soak: setup
	@scripts/soak.sh $(SECONDS)

bench: setup
	@scripts/bench.sh

header:
	@UPDATE_HEADER=1 cargo test --quiet --locked --test header
	@echo "include/wxgame.h is written: read its diff."

clean:
	@cargo clean
