"""Finding passages of knowledge: by meaning and by words, fused, with a relevance in [0, 1]."""

from pixel.knowledge.retrieval.building import build_index, update_index
from pixel.knowledge.retrieval.errors import RetrievalError
from pixel.knowledge.retrieval.fusion import Fusion
from pixel.knowledge.retrieval.manifest import Manifest, check
from pixel.knowledge.retrieval.searcher import PassageSearcher, merge
