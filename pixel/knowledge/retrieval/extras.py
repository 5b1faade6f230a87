"""The two packages of the `knowledge` extra, imported at first use."""

from types import ModuleType

from pixel.knowledge.retrieval.errors import RetrievalError

_MEND = "install Pixel's extra `knowledge`, or: pip install faiss-cpu bm25s"


def load_faiss() -> ModuleType:
    """
    FAISS, with one thread.

    FAISS and torch bring an OpenMP each; where both run threads on the same cores a query takes longer than with one
    thread, and some builds hang. One query is too little work to share out.

    Raises:
        RetrievalError: not installed; says how to install it.
    """
    try:
        import faiss
    except ImportError:
        raise RetrievalError("faiss is not installed", mend=_MEND) from None
    faiss.omp_set_num_threads(1)
    return faiss


def load_bm25s() -> ModuleType:
    """
    bm25s.

    Raises:
        RetrievalError: not installed; says how to install it.
    """
    try:
        import bm25s
    except ImportError:
        raise RetrievalError("bm25s is not installed", mend=_MEND) from None
    return bm25s
