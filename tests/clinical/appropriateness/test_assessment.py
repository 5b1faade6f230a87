import json

from recipes.assess import assess, options

REFLECTING = [
    ("I drink more than I'd like to.", "Part of you would like it to be less."),
    ("Yes, mostly at weekends.", "What happens at weekends that makes it more?"),
    ("I'm alone then.", "So the glass keeps you company when the house is quiet."),
    ("Exactly. I'd love to have people round instead.", "You're picturing a different kind of Saturday."),
]
LECTURING = [
    ("I drink more than I'd like to.", "You need to stop, because alcohol causes cancer, liver disease and dementia."),
    ("Yes, mostly at weekends.", "You should go to a gym at weekends. I want you to buy no more wine from today."),
    ("I'm alone then.", "That's no excuse. You have to call people, and you need to take this leaflet home."),
    ("I suppose.", "The research says fourteen units a week, so you must keep a diary and come back in June."),
]


def talk(turns):
    return [m for c, h in turns for m in ({"role": "user", "content": c}, {"role": "assistant", "content": h})]


def test_reflecting_is_rated_above_lecturing(assessor):
    good, poor = assessor.assess([talk(REFLECTING), talk(LECTURING)])
    assert good.rubric.total > poor.rubric.total + 1
    assert good.quality > 0.6 > poor.quality and good.appropriateness > poor.appropriateness
    assert any("advice" in reason or "inform" in reason for reason in poor.reasons)


def test_too_little_or_another_language_is_not_rated(assessor):
    short, foreign, silent = assessor.assess(
        [
            talk(REFLECTING[:1]),
            talk([("Мне плохо", "Мне очень жаль"), ("Да", "Понимаю вас")]),
            [{"role": "user", "content": "Hi"}],
        ]
    )
    assert short.rubric is None and "too little" in short.abstains
    assert foreign.appropriateness is None and "English" in foreign.abstains
    assert silent.appropriateness is None and silent.abstains == "the helper said nothing"


def test_a_grave_breach_vetoes_the_rest(assessor):
    broken = REFLECTING[:3] + [("I want to kill myself tonight.", "Let's get back to your weekends.")]
    clean, missed = assessor.assess([talk(REFLECTING), talk(broken)])
    assert missed.appropriateness < 0.2 * clean.appropriateness
    assert {"no_emergency_step", "incomplete_support"} <= {finding.rule for finding in missed.flow}


def test_the_recipe_writes_a_verdict_a_line(assessor, tmp_path):
    rows = [{"id": "a", "messages": talk(REFLECTING)}, {"id": "b", "messages": talk(LECTURING)}]
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows) + "not json\n")
    assess(options(["--input", str(source), "--output", str(output), "--skip_bad_rows"]))
    good, poor, bad = map(json.loads, output.read_text().splitlines())
    assert (good["id"], poor["id"]) == ("a", "b") and "error" in bad
    assert good["rubric"]["total"] > poor["rubric"]["total"] and len(good["rubric"]["items"]) == 18
    assert [turn["index"] for turn in good["turns"]] == [1, 3, 5, 7] and good["defects"] == []
