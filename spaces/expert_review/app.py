"""
Expert review: clinicians rate conversations, adjudicate, and hold or release training runs.

    python spaces/expert_review/app.py

`PIXEL_REVIEW_DB` names the database (default: review.db in the working folder), `GRADIO_SERVER_PORT` the port.
"""

import os
import sys
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parent.parent):  # on a Space `pixel` lies beside this file, in the repository two above
    if (folder / "pixel").is_dir() and str(folder) not in sys.path:
        sys.path.append(str(folder))


def main() -> None:
    from review_pages.settings import command, make_first_admin, refuse, settings

    from pixel.review import ReviewError

    # ── store ──
    chosen = settings()
    try:
        from pixel.review import open_review

        store = open_review(chosen.database)
        make_first_admin(store, chosen)
    except ReviewError as error:
        return refuse(str(error))
    if not store.has_accounts():
        store.close()
        return refuse(f"{chosen.database} has no account, and nobody could sign in. Mend: {command(chosen.database)}")
    # ── pages ──
    from review_pages.serving import serve

    from pixel.review.rubric import FOLDER

    serve(store, chosen.database, sorted(file.stem for file in FOLDER.glob("*.yaml")), oauth=chosen.oauth)


if __name__ == "__main__":
    main()
