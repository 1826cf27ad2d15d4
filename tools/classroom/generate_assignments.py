"""Generate the student editions of the lessons that are named, in one process: run by nbgrader's own Python.

The class folder is the working directory. One line of JSON a lesson comes out, `{"lesson": …, "error": … or null}`.
"""

import json
import sys
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader


def main(lessons):
    app = NbGrader()
    app.initialize(["--log-level=ERROR"])
    app.coursedir.root = str(Path.cwd())
    api = NbGraderAPI(app.coursedir, app.authenticator, config=app.config)
    for lesson in lessons:
        outcome = api.generate_assignment(lesson, force=True)
        error = None if outcome["success"] else (outcome.get("error") or outcome.get("log") or "no reason was given")
        print(json.dumps({"lesson": lesson, "error": error}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
