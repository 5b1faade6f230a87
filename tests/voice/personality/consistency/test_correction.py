import pytest

from pixel.voice.personality.consistency.across import consistency
from pixel.voice.personality.consistency.correction import apply, evenly, propose, runs_of
from pixel.voice.personality.consistency.drift import Change, changes
from tests.voice.personality.consistency.speakers import segments, talk, vector


@pytest.fixture
def corrected(likeness, reference):
    """Voices `{name: texts}` -> (runs, proposals, samples after)."""

    def work(voices):
        said = {name: segments(f"{name}.wav", texts) for name, texts in voices.items()}
        found = {name: changes([one.text for one in own], vector, reference, 0.005) for name, own in said.items()}
        runs = {name: runs_of(name, own, found[name]) for name, own in said.items()}
        samples = [one for own in runs.values() for run in own for one in run.samples]
        vectors = {one.id: vector(one.text) for one in samples}
        proposals = propose(runs, vectors, likeness)
        return runs, proposals, apply(samples, proposals)

    return work


def test_steady_voices_are_left_alone(corrected):
    _, proposals, after = corrected({"anna": talk(1, 1800), "ben": talk(2, 1800)})
    assert proposals == [] and len(after) == 12


def test_talk_of_a_known_voice_moves_to_it(corrected):
    _, proposals, after = corrected({"anna": talk(1, 1500) + talk(2, 900, 7), "ben": talk(2, 1800)})
    assert {(one.action, one.voice, one.to) for one in proposals} == {("move", "anna", "ben")}
    assert sum(one.words for one in after if one.voice == "ben") == pytest.approx(2700, abs=100)


def test_talk_of_somebody_unknown_becomes_a_voice_of_its_own(corrected, likeness):
    _, proposals, after = corrected({"anna": talk(1, 1500) + talk(3, 900), "ben": talk(2, 1800)})
    assert {(one.action, one.to) for one in proposals} == {("split", "anna (2)")}
    own = [vector(one.text) for one in after if one.voice == "anna"]
    mixed = [vector(" ".join(part)) for part in (talk(1, 900), talk(3, 900))]
    assert consistency(own, None, [300] * len(own), likeness).within > mixed[0] @ mixed[1]


def test_a_single_foreign_sample_is_named_by_its_id(likeness):
    own = segments("a.wav", talk(1, 900) + talk(3, 300) + talk(1, 900, 5))
    runs = {"anna": runs_of("anna", own, [])}
    vectors = {one.id: vector(one.text) for one in runs["anna"][0].samples}
    (found,) = propose(runs, vectors, likeness)
    assert (found.action, found.sample, found.to) == ("drop", own[45].id, None)
    assert found.probability < 0.1
    kept = apply(runs["anna"][0].samples, [found])
    assert own[45].id not in {one.id for one in kept} and len(kept) == 6


def test_no_sample_reaches_over_a_change_and_the_p_is_of_the_change_that_sets_it_off():
    own = segments("a.wav", talk(1, 1500))
    first, second = runs_of("anna", own, [Change(35, 700, 4.0, 0.01)])
    assert first.samples[-1].segments[-1] == own[34].id and second.samples[0].id == own[35].id
    assert first.p == second.p == 0.01


def test_many_samples_are_taken_from_all_over():
    own = runs_of("anna", segments("a.wav", talk(1, 6000)), [], most=5)[0].samples
    whole = runs_of("anna", segments("a.wav", talk(1, 6000)), [])[0].samples
    assert len(own) == 5 and (own[0], own[-1]) == (whole[0], whole[-1])
    assert evenly(whole, None) == list(whole)
