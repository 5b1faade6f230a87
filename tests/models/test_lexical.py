from collections import Counter

import torch
from torch.testing import assert_close

from pixel.models.labels import FIELDS
from pixel.models.lexical import LexicalExpert, bag_of_tokens
from tests.models.parts import all_fields, conversation, network, tensors

IDS = torch.tensor([[9, 4, 4, 7, 4, 2, 7, 0], [3, 3, 3, 1, 5, 6, 0, 0]])
SPANS = torch.tensor([[[1, 4], [5, 6]], [[0, 3], [-1, -1]]])


def test_a_bag_counts_every_turns_tokens():
    turn, token, count = bag_of_tokens(IDS, SPANS)
    found = dict(zip(zip(turn.tolist(), token.tolist(), strict=True), count.tolist(), strict=True))
    assert found == {(0, 4): 3, (0, 7): 1, (1, 2): 1, (1, 7): 1, (2, 1): 1, (2, 3): 3}


def test_logits_are_normalised_sublinear_tf_idf_times_a_weight_a_label():
    torch.manual_seed(0)
    expert = LexicalExpert(10, ["risk", "vad"])
    for table in (expert.idf, expert.weights, expert.bias):
        table.weight.data.uniform_(0.5, 2.0)
    said = expert(IDS, SPANS)
    assert said["risk"].shape == (2, 2, 6) and said["vad"].shape == (2, 2, 3)
    for row, turn in ((0, 0), (0, 1), (1, 0)):
        first, last = SPANS[row, turn].tolist()
        counts = Counter(IDS[row, first : last + 1].tolist())
        vector = torch.zeros(10)
        for token, count in counts.items():
            vector[token] = (1 + torch.tensor(float(count)).log()) * expert.idf.weight[token, 0]
        vector /= vector.norm()
        expected = vector @ expert.weights.weight + expert.bias.weight[0]
        assert_close(torch.cat([said["risk"][row, turn], said["vad"][row, turn]]), expected)
    assert_close(said["risk"][1, 1], expert.bias.weight[0, :6])  # no turn, no words


def test_it_is_averaged_with_the_heads_where_it_speaks():
    talk = tensors(conversation([3, 4]))
    both = network(lexical_fields=["risk"])
    with torch.no_grad():
        words = both.lexical(talk["input_ids"], talk["turn_spans"])["risk"]
        mixed = both(**talk).readouts
        both.lexical = None
        alone = both(**talk).readouts
    assert_close(mixed["risk"], (alone["risk"] + words) / 2)
    for name in set(FIELDS) - {"risk"}:
        assert_close(mixed[name], alone[name])


def test_training_reads_the_heads_alone():
    talk = tensors(conversation([3, 4]))
    model = network(lexical_fields=all_fields(), head_dropout=0.0)
    with torch.no_grad():
        trained = model.train()(**talk).readouts
        model.lexical = None
        assert_close(trained, model.eval()(**talk).readouts)


def test_no_gradient_ever_reaches_it():
    assert not any(weight.requires_grad for weight in LexicalExpert(10, ["risk"]).parameters())
