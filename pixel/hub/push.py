"""Push a finished folder to the Hub. What fails stays on the disk, with the command that tries again."""

import fnmatch
import shlex
import sys
from pathlib import Path

LEFT_BEHIND = (
    "checkpoint-*/*", "training_args.bin", "optimizer.*", "scheduler.pt", "rng_state*.pth", "global_step*/*",
    ".cache/*", "*.lock", "__pycache__/*", ".checkpoint-*/*", "quarantine/*", "rolled_back/*", "attempts/*",
    "heartbeat/*", "nodes/*", "supervisor*.json", "finished.json", "alerts.jsonl", "resources/*",
)  # fmt: skip
"""What a training run leaves beside the model and nobody needs on the Hub."""

PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.pickle", "*.joblib")
"""Formats that can run code when they are loaded. Pixel pushes safetensors."""


class PushError(RuntimeError):
    """
    A push that did not happen. Nothing local was changed.

    Attributes:
        reason: one line.
        retry: the command line that tries again, `None` where trying again would not help.
    """

    def __init__(self, reason: str, folder: Path, retry: str | None = None):
        self.reason, self.folder, self.retry = reason, folder, retry
        again = f"\nTo try again:\n    {retry}" if retry else ""
        super().__init__(f"not pushed: {reason}\nEverything is still in {folder}{again}")


def push_folder(
    folder: str | Path,
    repo_id: str,
    repo_type: str = "model",
    *,
    private: bool = True,
    message: str = "Push from Pixel",
    endpoint: str | None = None,
    token: str | None = None,
) -> str:
    """
    Create the repository where needed and upload the folder in one commit.

    Args:
        folder: what `save_pretrained` wrote, or any folder of a dataset or Space. Training leftovers
            (`LEFT_BEHIND`) are not uploaded.
        repo_id: `name` or `owner/name`.
        repo_type: `"model"`, `"dataset"` or `"space"` (Gradio).
        private: kept to: a repository that exists and is public is refused.
        message: of the commit.
        endpoint, token: default as everywhere in `huggingface_hub` (`HF_ENDPOINT`, `HF_TOKEN`).

    Returns:
        `str`: the repository's address.

    Raises:
        FileNotFoundError: no such folder, or nothing in it.
        PushError: pickled weights, a public repository, or whatever the Hub or the network said. The message ends
            with the command that tries again. Files on the disk are never touched.
    """
    folder = Path(folder)
    if not folder.is_dir() or not any(folder.iterdir()):
        raise FileNotFoundError(f"nothing to push: {folder} is not a folder with files in it")
    pickled = [name for name in _sent(folder) if _matches(name, PICKLES)]
    if pickled:
        reason = f"{', '.join(pickled)}: pickled files can run code on loading; save with safetensors"
        raise PushError(reason, folder)

    from huggingface_hub import HfApi

    api = HfApi(endpoint=endpoint, token=token)
    retry = retry_command(folder, repo_id, repo_type, private, message, endpoint)
    try:
        extra = {"space_sdk": "gradio"} if repo_type == "space" else {}
        url = api.create_repo(repo_id, repo_type=repo_type, private=private, exist_ok=True, **extra)
        public = private and not api.repo_info(url.repo_id, repo_type=repo_type).private
        if not public:
            api.upload_folder(
                repo_id=url.repo_id,
                repo_type=repo_type,
                folder_path=folder,
                ignore_patterns=list(LEFT_BEHIND),
                commit_message=message,
            )
    except Exception as error:  # the network has many faces, and none of them may cost the run
        raise PushError(_in_one_line(error), folder, retry) from error
    if public:
        raise PushError(f"{url.repo_id} exists and is public, and a private push was asked for", folder)
    return str(url)


def push_or_explain(folder: str | Path, repo_id: str, repo_type: str = "model", **options) -> str | None:
    """`push_folder` for the end of a long run: prints what went wrong and how to try again instead of raising."""
    try:
        return push_folder(folder, repo_id, repo_type, **options)
    except (PushError, FileNotFoundError) as error:
        print(error, file=sys.stderr, flush=True)
        return None


def retry_command(
    folder: Path, repo_id: str, repo_type: str, private: bool, message: str, endpoint: str | None = None
) -> str:
    """The command line, quoted for a shell, that pushes the same files with huggingface_hub's own tool."""
    words = ["hf", "upload", repo_id, str(folder.resolve()), ".", "--repo-type", repo_type]
    words += ["--private"] if private else []
    words += [word for pattern in LEFT_BEHIND for word in ("--exclude", pattern)]
    words += ["--commit-message", message]
    place = f"HF_ENDPOINT={shlex.quote(endpoint)} " if endpoint else ""
    return place + shlex.join(words)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def _sent(folder: Path) -> list[str]:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return [name for name in names if not _matches(name, LEFT_BEHIND)]


def _in_one_line(error: Exception) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    said = " ".join(str(error).split())[:300]
    if status in (401, 403):
        return f"the Hub refuses the token ({status}); run `hf auth login` with a token that may write. {said}"
    if status is not None:
        return f"the Hub answers {status}. {said}"
    return f"the Hub cannot be reached ({type(error).__name__}: {said})"
