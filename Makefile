# Every target goes through tools/dev.py, which needs Python 3.11 and Node 20 and installs the rest itself.
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1

.PHONY: run test check faults bench bench-speech audit clean

run:       ## a live server with demo people; PORT=8001 for another port
	@exec $(PYTHON) -m tools.dev run --host $(HOST) --port $(PORT)

test:      ## the linters and the tests but the long ones, on SQLite and on PostgreSQL with Redis, in a real browser
	@exec $(PYTHON) -m tools.dev test

check:     ## the linters alone
	@exec $(PYTHON) -m tools.dev check

faults:    ## 20 seeds of every fault (ROUNDS=5 for fewer), and the long tests in a browser
	@exec $(PYTHON) -m tools.dev faults

bench:     ## beside ejabberd, Synapse and two floors; BENCH="--rounds 1 --seconds 1", BENCH="--help"
	@exec $(PYTHON) -m tools.dev bench $(BENCH)

bench-speech: ## errors, speed and memory of speech models; SPEECH="DIRECTORY --models base,small --long --write"
	@exec $(PYTHON) -m tools.dev bench-speech $(SPEECH)

audit:     ## the locked packages against published advisories; needs a network; AUDIT="--service-url URL"
	@exec $(PYTHON) -m tools.dev audit $(AUDIT)

clean:     ## removes what was installed and built, keeps the data under var/
	rm -rf .venv .dev frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
