"""The knowledge base's passages by name, and the retriever that searches them."""

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from pixel.data.errors import ConversationError
from pixel.hub.packages import cache_home
from pixel.training.arguments import SettingError
from pixel.training.passages import Found, Passages, TextPassages, read_passages

logger = logging.getLogger(__name__)
RETRIEVERS = ("auto", "hybrid", "tfidf")


def named_passages(name: str | None, files: Sequence[str | Path], retriever: str | None = None) -> Passages:
    """
    Passages to be put before conversations.

    Args:
        name: `base` for the knowledge base that ships with Pixel; `None` for files alone.
        files: of `{"id", "text"}` lines; an id that the base has too is an error.
        retriever: `hybrid` (embeddings and words), `tfidf` (words), or `auto`: hybrid, and TF-IDF where what it needs
            is not installed. `None`: `auto` for the base, `tfidf` for files alone.

    Raises:
        SettingError: a name or retriever that does not exist, or `hybrid` where it cannot be had.
        ConversationError: a line that cannot be used.
    """
    if name not in (None, "base"):
        raise SettingError(f"knowledge passages is {name!r}. Mend: passages: base, or files: [passages.jsonl]")
    retriever = retriever or ("auto" if name else "tfidf")
    if retriever not in RETRIEVERS:
        raise SettingError(f"knowledge retriever is {retriever!r}. Mend: use one of: {', '.join(RETRIEVERS)}")
    texts: dict[str, str] = {}
    if name:
        from pixel.knowledge.passages import knowledge_passages

        texts |= knowledge_passages()
    seen = set(texts)
    texts |= dict(passage for file in files for passage in read_passages(file, seen=seen))
    if retriever == "tfidf":
        return TextPassages(texts)
    try:
        return HybridPassages(texts)
    except (ConversationError, ImportError, OSError) as error:
        if retriever == "hybrid":
            raise SettingError(f"knowledge retriever hybrid: {error}") from error
        logger.warning("knowledge is searched by TF-IDF: %s", error)
        return TextPassages(texts)


class HybridPassages:
    """
    Passages searched by meaning and by words (`pixel.knowledge.retrieval`).

    The index is made once for the same texts, in a minute or two on a slow machine, and kept in the cache folder.
    `floor` is on the scale of its relevance, which is strict: with it the knowledge base has something to say to 67
    percent of CounselChat's questions (150 of them) and to 7 percent of scenes of a sitcom (MELD, 150); at .012 to 75
    and 19. TF-IDF does not tell the two apart.

    Args:
        passages: id -> text.
        encoder: embeds texts (default: the small encoder that pip carries).
        folder: where indexes are kept (default: `knowledge` in Pixel's cache).

    Raises:
        RetrievalError, FileNotFoundError: a package is missing; says which.
    """

    floor = 0.015

    def __init__(self, passages: Mapping[str, str], encoder=None, folder: Path | None = None):
        from pixel.knowledge.retrieval import PassageSearcher, RetrievalError
        from pixel.text.sentence_encoder import default_encoder

        encoder = encoder or default_encoder()
        digest = hashlib.sha256(json.dumps(dict(passages), sort_keys=True).encode()).hexdigest()[:16]
        place = (folder or cache_home() / "knowledge") / digest
        if place.exists():
            try:
                self.searcher = PassageSearcher(place, encoder)
                self.searcher.search("a first query", 1)
                return
            except RetrievalError as error:  # damaged, or of another encoder
                logger.warning("the knowledge index is made anew: %s", error)
                shutil.rmtree(place, ignore_errors=True)
        _build(passages, place, encoder)
        self.searcher = PassageSearcher(place, encoder, verify=False)

    def search(self, query: str, k: int) -> list[Found]:
        """The `k` most relevant passages, best first; none for a query without a word."""
        return self.searcher.search(query, k) if any(map(str.isalnum, query)) else []

    def __len__(self) -> int:
        return len(self.searcher)


def _build(passages: Mapping[str, str], place: Path, encoder) -> None:
    """Build beside, then move into place: another process may be doing the same."""
    from pixel.knowledge.retrieval import build_index

    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, ignore_cleanup_errors=True) as beside:
        build_index(passages, Path(beside) / "index", encoder)
        try:
            (Path(beside) / "index").rename(place)
        except OSError:
            if not place.exists():
                raise
