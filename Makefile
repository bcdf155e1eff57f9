# Every recipe makes what it needs; nothing but Python 3.11 with pip, git and make is expected.
UV := .tools/bin/uv
RUN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy
# Commands are started by the hundred: compiled once, each starts half a second sooner.
export PYTHONDONTWRITEBYTECODE :=
# Decisions and parsers: covered whole, every branch of them.
DECISIONS := src/clearance/policy/*,src/clearance/sourcing/*gate*.py,src/clearance/sourcing/signals/*,\
src/clearance/sourcing/signals/*/*,src/clearance/sourcing/verdicts.py,src/clearance/sourcing/markup.py,\
src/clearance/sourcing/terms*.py,src/clearance/sourcing/registr*.py,src/clearance/sourcing/survey*.py,\
src/clearance/collecting/flood.py,src/clearance/collecting/host_identity.py,src/clearance/collecting/quotas.py,\
src/clearance/collecting/traffic*.py,src/clearance/governing/access.py,src/clearance/governing/subjects.py,\
src/clearance/governing/risk*.py,src/clearance/keeping/clocks.py,src/clearance/keeping/pruning.py,\
src/clearance/fingerprints/geometry.py,src/clearance/fingerprints/layers.py,\
src/clearance/fingerprints/likeness.py,src/clearance/fingerprints/verdicts.py,src/clearance/fingerprints/voting.py,\
src/clearance/pictures/packed_features.py,\
src/clearance/governing/documents/*,src/clearance/curating/handing_on/attribution.py,src/clearance/curating/handing_on/card.py,\
src/clearance/curating/handing_on/croissant.py,src/clearance/curating/handing_on/croissant_terms.py,\
src/clearance/curating/people/*,src/clearance/curating/train_gate.py,\
src/clearance/curating/reviews.py,src/clearance/pictures/face_boxes.py,\
src/clearance/pictures/described.py,src/clearance/pictures/details.py,src/clearance/pictures/*_details.py,\
src/clearance/pictures/labelled.py,src/clearance/pictures/metadata_classes.py,src/clearance/pictures/pieces.py,\
src/clearance/pictures/rights_packet.py,src/clearance/pictures/text_lines.py,src/clearance/pictures/tiff.py,\
src/clearance/curating/marks.py,src/clearance/curating/personal_data.py,\
src/clearance/curating/audit/*,\
src/clearance/sourcing/sitemaps.py

.PHONY: help demo test lint types layers tests bench clean

help:
	@echo "make demo   make the environment and run the main job on real photographs"
	@echo "make test   make the environment and run every test and linter"
	@echo "make bench  measure speed side by side with img2dataset"

$(UV):
	python3 -m pip install --quiet --disable-pip-version-check --target .tools uv

.venv/.synced: $(UV) pyproject.toml uv.lock
	$(UV) sync --frozen --all-groups --compile-bytecode --quiet
	@touch $@

demo: .venv/.synced
	$(RUN)/python -m demo

test: lint types layers tests

lint: .venv/.synced
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .

types: .venv/.synced
	$(RUN)/mypy

layers: .venv/.synced
	$(RUN)/lint-imports

tests: .venv/.synced
	$(RUN)/coverage erase
	$(RUN)/coverage run -m pytest
	$(RUN)/coverage combine --quiet
	$(RUN)/coverage report
	$(RUN)/coverage report --fail-under=100 --include='$(DECISIONS)'

bench: .venv/.synced
	$(RUN)/python -m bench

clean:
	rm -rf .venv .tools .bench demo-workspace
