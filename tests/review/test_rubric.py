"""Rubrics: strict, in one line, and never changed under the ratings that used them."""

import pytest
import yaml

from pixel.models.labels import FIELDS
from pixel.review import ReviewError, load_rubric
from pixel.review.rubric import FOLDER, read_rubric
from tests.review.parts import rows

GIVEN = {
    "name": "short", "title": "Short",
    "dimensions": [{"id": "kind", "name": "Kind", "question": "Is it kind?", "scale": [
        {"value": 0, "label": "no", "anchor": "It is not."}, {"value": 1, "label": "yes", "anchor": "It is."},
    ]}],
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_shipped_rubrics_load_and_come_back_from_json(name):
    rubric = load_rubric(name)
    assert rubric.name == name and read_rubric(rubric.as_json(), name) == rubric
    assert any(dimension.veto is not None for dimension in rubric.dimensions)
    for dimension in rubric.dimensions:
        assert dimension.trains is None or dimension.trains.split(".")[0] in FIELDS


def changed(path, value):
    made = yaml.safe_load(yaml.safe_dump(GIVEN))
    place = made
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return made


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (["title"], None, "title is missing"),
        (["colour"], "red", "there is no key colour"),
        (["dimensions"], [], "there are none"),
        (["dimensions"], GIVEN["dimensions"] * 2, "an id stands twice"),
        (["dimensions", 0, "id"], "two words", "dimension 1, id"),
        (["dimensions", 0, "id"], "comment", "dimension 1, id"),
        (["dimensions", 0, "question"], 7, "question: is no text"),
        (["dimensions", 0, "scale"], GIVEN["dimensions"][0]["scale"][:1], "fewer than two"),
        (["dimensions", 0, "scale", 0, "value"], 1, "do not rise"),
        (["dimensions", 0, "scale", 0, "value"], "low", "no whole number"),
        (["dimensions", 0, "veto"], 1, "veto: is not on the scale, or all of it"),
        (["dimensions", 0, "allows_unsure"], "maybe", "allows_unsure"),
        (["dimensions", 0, "trains"], "emotion", "is no score"),
        (["dimensions", 0, "trains"], "vad", "is no score"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, path, value, says):
    file = tmp_path / "r.yaml"
    file.write_text(yaml.safe_dump(changed(path, value)))
    with pytest.raises(ReviewError, match=f"r.yaml.*{says}.*Mend"):
        load_rubric(file)


def test_a_rubric_that_is_none_is_refused(tmp_path):
    (tmp_path / "r.yaml").write_text("a: [")
    for name in ("nothing", "../conversation", str(tmp_path / "no.yaml"), tmp_path / "r.yaml"):
        with pytest.raises(ReviewError, match="Mend"):
            load_rubric(name)


def test_items_keep_the_rubric_they_were_loaded_with(review, tmp_path):
    file = tmp_path / "short.yaml"
    file.write_text(yaml.safe_dump(GIVEN))
    review.add_items(rows(1), rubric=file)
    file.write_text(yaml.safe_dump(changed(["dimensions", 0, "question"], "Is it very kind?")))
    review.add_items([{**rows(2)[1]}], rubric=file)
    questions = [review.item(id)["rubric"]["dimensions"][0]["question"] for id in ("0", "1")]
    assert questions == ["Is it kind?", "Is it very kind?"]
