"""Reviews: what is rejected goes, what is praised comes more often, a broken file is named."""

import pytest

from pixel.knowledge.conversations.verdicts import read_verdicts, weigh
from pixel.knowledge.errors import KnowledgeError


def test_praise_raises_and_rejection_lowers_a_template():
    found = weigh([{"template": "a", "verdict": "accept"}, {"template": "b", "verdict": "reject", "reason": "stiff"}])
    assert found.weights["a"] > 1 > found.weights["b"] > 0
    assert found.reasons == {"stiff": 1}


def test_three_rejections_take_a_template_out():
    assert weigh([{"template": "a", "verdict": "bad"}] * 3).weights["a"] == 0.0


def test_a_rejected_row_is_dropped_and_its_templates_lose_a_little():
    found = weigh([{"id": "row", "verdict": "reject"}], lambda id: ["x", "y"] if id == "row" else [])
    assert found.dropped == {"row"}
    assert found.weights == {"x": 0.9, "y": 0.9}


@pytest.mark.parametrize(
    ("line", "says"),
    [("{", "not JSON"), ('{"verdict": "reject"}', "names no row"), ('{"id": "a", "verdict": "meh"}', "unknown")],
)
def test_a_broken_line_is_named(tmp_path, line, says):
    file = tmp_path / "verdicts.jsonl"
    file.write_text('{"id": "a", "verdict": "accept"}\n' + line)
    with pytest.raises(KnowledgeError, match=f"row 2.*{says}|{says}.*row 2"):
        read_verdicts(file)
