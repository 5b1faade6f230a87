import io
import json

import pytest

from pixel.data.files import load_conversations
from pixel.models.persona_state import PERSONA_PROMPTS
from tests.clinical.made_readings import Table, reading


@pytest.fixture
def talk(recipe, model, monkeypatch, capsys):
    """`talk(lines, *options)`: what the terminal shows."""
    module = recipe("chat")
    monkeypatch.setattr("pixel.clinical.monitor.default_detector", lambda: None)
    monkeypatch.setattr("pixel.clinical.monitor.default_validators", dict)

    def run(lines, *more, model=model):
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))
        capsys.readouterr()
        module.main(module.options(["--model", model, "--max_new_tokens", "6", *more]))
        return capsys.readouterr().out

    return run


def test_each_turn_is_answered_and_read_out(talk):
    shown = talk(["I feel low.", "It began in spring.", "/quit", "never reached"])
    assert shown.count("pixel (") == 2
    assert shown.count("risk: any") == 2 and shown.count("empathy: ") == 2
    assert "not a medical device" in shown


def test_read_outs_can_be_hidden_and_shown(talk):
    assert "[emotion" not in talk(["Hello you."], "--no_readouts")
    shown = talk(["/readouts", "Hello you.", "/readouts", "And again."])
    assert "Read-outs are hidden" in shown and shown.count("persona: ") == 1


def test_the_same_seed_says_the_same(talk):
    assert talk(["Hello you."], "--seed", "5") == talk(["Hello you."], "--seed", "5")
    assert talk(["Hello you."], "--seed", "5") != talk(["Hello you."], "--seed", "6")


def test_a_mode_can_be_chosen(talk):
    shown = talk(["Hello you.", "/mode hybrid", "Hello again.", "/mode doctor", "/mode"], "--mode", "therapy")
    assert shown.index("pixel (therapy)>") < shown.index("pixel (hybrid)>")
    assert "no mode is called 'doctor'" in shown and "Mode: hybrid; answering as hybrid" in shown


def test_a_saved_conversation_is_one_of_the_schema(talk, tmp_path):
    file = tmp_path / "kept.jsonl"
    shown = talk([f"/save {file}", "Hello you.", f"/save {file}", "/reset", "Once more."], "--mode", "therapy")
    assert "Nothing was said yet" in shown and "Forgotten" in shown
    (line,) = file.read_text().splitlines()
    roles = [message["role"] for message in json.loads(line)["messages"]]
    assert roles == ["system", "user", "assistant"]
    (row,) = load_conversations(str(file), validation=0)["train"]
    assert row["messages"][0]["content"] == PERSONA_PROMPTS["therapy"]
    assert row["messages"][1] == {"role": "user", "content": "Hello you."}
    assert "Not saved" in talk(["Hello you.", f"/save {tmp_path}/none/kept.jsonl"])


def test_severe_risk_brings_the_crisis_note_before_the_reply_and_not_in_its_place(talk, model_folder):
    shown = talk(["I have a plan for tonight."], model=model_folder(risk=9.0))
    assert "988" in shown and "116 123" in shown and "112" in shown and "findahelpline.com" in shown
    assert shown.index("988") < shown.index("pixel (")
    assert "988" not in talk(["All is well."], model=model_folder(risk=-9.0))
    assert "988" not in talk(["All is well."], model=model_folder(["vad"], risk=9.0))  # the head was not trained


@pytest.fixture
def watched(talk, monkeypatch):
    """The same with a detector that reads the words `plan` and `swallowed`."""
    detector = Table(plan=reading(5, high=True), swallowed=reading(0, "overdose"))
    monkeypatch.setattr("pixel.clinical.monitor.default_detector", lambda: detector)
    return talk


def test_the_monitor_brings_the_note_whatever_the_model_reads(watched, model_folder):
    for model in (model_folder(risk=-9.0), model_folder(())):
        shown = watched(["I have a plan for tonight."], model=model)
        assert shown.index("988") < shown.index("pixel (") and "116 123" in shown
        assert "988" not in watched(["All is well."], model=model)
    assert "988" in watched(["All is well."], model=model_folder(risk=9.0))  # the risk head is heard as well


def test_the_note_has_the_lines_of_the_country_and_fits_the_crisis(watched, model_folder):
    calm = model_folder(risk=-9.0)
    shown = watched(["I have a plan for tonight.", "Lovely weather."], "--region", "au", model=calm)
    assert shown.count("call 13 11 14") == 1 and "988" not in shown
    shown = watched(["I swallowed all of it."], "--region", "US", model=calm)
    assert "1-800-222-1222" in shown and "911" in shown and "even if you feel well" in shown


def test_what_to_mend_in_a_reply_is_shown_with_the_read_outs(watched, monkeypatch):
    monkeypatch.setattr("pixel.inference.PersonaConversation._text", lambda self, ids: "This stays between us.")
    assert "[to mend: absolute_secrecy]" in watched(["Hello you."])
    assert "to mend" not in watched(["Hello you."], "--no_readouts")


def test_a_model_that_was_not_trained_says_so(talk, model_folder):
    shown = talk(["Hello you."], model=model_folder(()))
    assert "was not trained to read turns" in shown and "pixel (assistant)>" in shown and "[" not in shown
    assert "was not trained to choose a persona" in talk([], model=model_folder(["vad"]))


def test_the_end_of_the_input_and_unknown_commands_are_no_errors(talk):
    assert "Commands: " in talk(["", "/help"])


def test_a_model_that_is_not_there_is_one_line(talk):
    with pytest.raises(SystemExit, match="Mend: "):
        talk([], model="no_such_folder")
