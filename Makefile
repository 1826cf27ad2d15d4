# The commands of the course. Everything is done by tools/course.py; on Windows call it directly:
#   py tools\course.py course
# A Python of your choice:  make course PYTHON=/path/to/python3.12

.DEFAULT_GOAL := help
.PHONY: help course test check lint notebooks solutions mutants sheets bench benchmark-mnist benchmark-head-to-head benchmark-modes benchmark-full-size benchmark-recipes gpu-check test-backends colab test-colab test-pythons test-profiles test-all environment lock clean slides test-browser progress classroom test-classroom class-report site

# Any Python from 3.8 can run tools/course.py, which then finds the one that the course needs.
course_tool = for python in "$$PYTHON" python3 python python3.13 python3.12 python3.11 py; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null && break; python=; done; \
	test -n "$$python" || { echo 'No Python was found. Install Python 3.12 (see README.md) and call again.' >&2; exit 2; }; \
	"$$python" tools/course.py

help: ## this list
	@echo 'make course          set up what is missing and open the first lesson          (ARGS="--port 8890", "--no-launch")'
	@echo 'make progress        which exercises are right so far (also in workbook/contents.md)'
	@echo 'make test            test the library and run every lesson on this machine  (ARGS="--solved": their solutions)'
	@echo 'make check           only the fast checks of the library (3 minutes)'
	@echo 'make solutions       the solved lessons, into workbook/solutions               (LESSONS="autoencoders")'
	@echo
	@echo 'For lecturers (docs/teaching.md, docs/hub.md):'
	@echo 'make sheets          instructor sheets to print: dist/sheets                    (LESSONS="the_elbo")'
	@echo 'make slides          slides of the lessons, HTML and PDF: dist/slides          (LESSONS="the_elbo --no-pdf")'
	@echo 'make classroom       an nbgrader course of the lessons, in classroom/            (ARGS="05 the_elbo")'
	@echo 'make class-report    which mistakes a class made, and how often                (FOLDER=classroom)'
	@echo
	@echo 'For authors:'
	@echo 'make notebooks       build and run the lessons from notebooks/source           (LESSONS="autoencoders")'
	@echo 'make lint            ruff, codespell, and lessons against their sources'
	@echo 'make test-all        make test with the exhaustive tests                        (ARGS="--solved")'
	@echo 'make site            the site, to read without a network or to publish: dist/site'
	@echo 'make test-backends   the same models on JAX and PyTorch, in .venv-backends     (ARGS="--all")'
	@echo 'make test-browser    open slides, site and JupyterLab in a browser without network (.venv-browser, needs Chromium)'
	@echo 'make test-classroom  three made-up students graded by the real nbgrader, in .venv-classroom'
	@echo 'make colab           lessons, library and instructions for Colab and Kaggle: dist/colab.zip'
	@echo 'make test-colab      that file with the packages that Colab has                (ARGS="--newest", "--without-lessons")'
	@echo 'make test-pythons    the tests on every supported Python of this machine       (ARGS="3.13")'
	@echo 'make test-profiles   the solved lessons with the gpu profile: benchmarks/PROFILES.md (ARGS="--seeds 0 1 2")'
	@echo 'make mutants         plant the known bugs one by one; each must turn a test red  (ARGS="divergences")'
	@echo 'make mutants ARGS=lessons  the same for the proof cells of the lessons           (ARGS="lessons --new the_elbo")'
	@echo 'make bench           measure speed, memory and lessons: benchmarks/RESULTS.md  (ARGS="--quick", "--resume")'
	@echo 'make benchmark-mnist train a VAE and an IWAE of a paper on MNIST: days on a CPU (ARGS="--minutes 10")'
	@echo 'make benchmark-head-to-head  VAE, GANs and VAE-GAN with equal means, five seeds  (ARGS="--seconds 60")'
	@echo 'make benchmark-modes count the modes of a ring and a grid that GANs reach      (ARGS="--only r1")'
	@echo 'make benchmark-full-size  published sizes, instalment by instalment           (ARGS="--minutes 10 --only dcgan")'
	@echo 'make benchmark-recipes  a better VAE of MNIST in the same processor seconds  (ARGS="--search 24", "--finals")'
	@echo 'make gpu-check       check and time the models on an accelerator               (ARGS="--allow-cpu")'
	@echo 'make environment     only make or renew .venv'
	@echo 'make lock            renew requirements.lock and environment.yml (needs uv)    (ARGS="--upgrade")'
	@echo 'make clean           remove what these commands made; your workbook stays'

course progress check lint test test-backends classroom test-classroom mutants bench benchmark-mnist benchmark-head-to-head benchmark-modes benchmark-full-size benchmark-recipes gpu-check colab test-browser test-colab test-pythons test-profiles test-all environment lock clean site:
	@$(course_tool) $@ $(ARGS)

class-report:
	@$(course_tool) $@ $(if $(FOLDER),"$(FOLDER)",classroom) $(ARGS)

notebooks solutions sheets slides:
	@$(course_tool) $@ $(LESSONS)
