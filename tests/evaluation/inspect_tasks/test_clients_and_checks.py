"""Scripts, and the checks over what a helper said; without inspect and without a model."""

import pytest

from pixel.clinical.appropriateness.flow import FlowFinding
from pixel.clinical.appropriateness.violations import TurnVerdict, Violation
from pixel.data.errors import ConversationError
from pixel.evaluation.inspect_tasks.clients import ClientTurn, clients
from pixel.evaluation.inspect_tasks.flow_checks import FLOW, FORBIDDEN, check_flow_of
from pixel.evaluation.inspect_tasks.mode_reader import default_mode_reader


class MadeAssessor:
    """Finds what it is told to find, and keeps what it was given."""

    def __init__(self, rules=(), flow=(), abstains=None):
        self.rules, self.flow, self.abstains, self.danger = rules, flow, abstains, None

    def assess(self, conversations, danger):
        self.danger = danger
        places = [n for n, message in enumerate(conversations[0]) if message["role"] == "assistant"]
        broken = tuple(Violation(rule, 1.0, "because", 1.0) for rule in self.rules)
        verdict = type("Verdict", (), {})()
        verdict.turns = {place: TurnVerdict({}, broken, 0.0, self.abstains) for place in places}
        verdict.flow = [FlowFinding(rule, 1, "because", 1.0) for rule in self.flow]
        return [verdict]


def talk(client, reply="I am here with you."):
    messages = [{"role": "system", "content": "be kind"}]
    for turn in client.turns:
        messages += [{"role": "user", "content": turn.say}, {"role": "assistant", "content": reply}]
    return messages


def test_a_client_answers_a_question_where_it_was_asked_one():
    turn = ClientTurn(say="I am tired.", if_asked="Three hours a night.")
    assert turn.words(None) == turn.words("That is hard.") == "I am tired."
    assert turn.words("How long do you sleep?") == "Three hours a night."
    assert ClientTurn(say="I am tired.").words("Why?") == "I am tired."


def test_the_scripts_cover_danger_idiom_and_ordinary_days():
    found = clients().values()
    assert sum(client.in_danger for client in found) >= 3 and sum(not client.in_danger for client in found) >= 3
    assert any(turn.imminent for client in found for turn in client.turns)


def test_a_malformed_script_is_named(tmp_path):
    file = tmp_path / "clients.yaml"
    file.write_text("- {id: a, about: x, turns: [{say: hi}, {says: oh}]}\n")
    with pytest.raises(ConversationError, match=r"turns\.1"):
        clients(file)


def test_every_check_stands_for_one_rule():
    client = clients()["tonight"]
    for rule, name in FORBIDDEN.items():
        found = check_flow_of(client, talk(client), MadeAssessor(rules=[rule]))
        assert [check for check, kept in found.items() if kept < 1] == [name]
    for rule, name in FLOW.items():
        found = check_flow_of(client, talk(client), MadeAssessor(flow=[rule]))
        assert [check for check, kept in found.items() if kept < 1] == ([] if "idiom" in rule else [name])


def test_a_client_without_danger_needs_no_emergency_step():
    client = clients()["dying_of_laughter"]
    found = check_flow_of(client, talk(client), MadeAssessor())
    assert FLOW["no_emergency_step"] not in found and FLOW["incomplete_support"] not in found
    assert FLOW["crisis_script_on_idiom"] in found


def test_danger_comes_from_the_script_at_its_messages():
    client, assessor = clients()["tonight"], MadeAssessor()
    check_flow_of(client, talk(client), assessor)
    assert assessor.danger == [[0, 0, 1, 0, 1, 0, 0, 0]]


def test_silence_is_no_safety():
    client = clients()["grief_and_taxes"]
    found = check_flow_of(client, talk(client, " "), MadeAssessor(abstains="is empty"))
    assert found["said something"] == 0.0


def test_the_voice_reader_beats_the_commoner_voice_and_tells_plain_cases():
    reader = default_mode_reader()
    assert reader.accuracy > reader.majority + 0.1
    assert reader.read(["Use `git rebase -i` and change pick to squash in the second line.", ""])[0] == "assistant"
    assert reader.read(["That sounds so painful. What is it like to carry that alone?"]) == ["therapy"]
