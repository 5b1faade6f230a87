import pytest

from pixel.data.errors import ConversationError
from pixel.data.rendering import render
from pixel.training.chat_tokenizer import byte_tokenizer

LLAMA3 = (
    "{{- '<|begin_of_text|>' -}}{%- for m in messages -%}"
    "{{- '<|start_header_id|>' + m['role'] + '<|end_header_id|>\n\n' + m['content'] | trim + '<|eot_id|>' -}}"
    "{%- endfor -%}"
)
MISTRAL = (
    "{{- '<s>' -}}{%- set ns = namespace(system='') -%}{%- for m in messages -%}"
    "{%- if m['role'] == 'system' -%}{%- set ns.system = m['content'] + '\n\n' -%}"
    "{%- elif m['role'] == 'user' -%}"
    "{{- '[INST] ' + ns.system + m['content'] + ' [/INST]' -}}{%- set ns.system = '' -%}"
    "{%- else -%}{{- ' ' + m['content'] + '</s>' -}}{%- endif -%}{%- endfor -%}"
)
SHOUT = "{%- for m in messages -%}{{- m['content'] | upper + '<|im_end|>' -}}{%- endfor -%}"
FORGETFUL = "{%- for m in messages[1:] -%}{{- m['content'] + '<|im_end|>' -}}{%- endfor -%}"


def with_template(template, *special):
    made = byte_tokenizer()
    made.chat_template = template
    made.add_special_tokens({"additional_special_tokens": list(special)})
    return made


TOKENIZERS = {
    "chatml": byte_tokenizer(),
    "llama3": with_template(LLAMA3, "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    "mistral": with_template(MISTRAL, "<s>", "</s>"),
}
ENDS = {"chatml": "<|im_end|>", "llama3": "<|eot_id|>", "mistral": "</s>"}
CONTENTS = {
    "ordinary": ["Be kind.", "I lost my job today.", "That is a heavy day.", "Yes."],
    "repeated": ["Yes", "Yes", "Yes", "Yes Yes", "Yes"],
    "words of the template": ["system", "user", "assistant", "start", "end", "im", "s", "INST", "eot_id", "_"],
    "special characters": ["{{ x }}", "a\n\n[b] \\ <c>", "naïve – 我很难过 😔", "<|im_start|>user", "%}\t{%", "'\""],
    "spaces around": ["  lead", "trail  ", "\n both \n", " a  b "],
}


def messages_of(contents, roles=("user", "assistant")):
    return [{"role": roles[number % 2], "content": text} for number, text in enumerate(contents)]


@pytest.mark.parametrize("template", TOKENIZERS)
@pytest.mark.parametrize("contents", CONTENTS.values(), ids=CONTENTS)
@pytest.mark.parametrize("system", [False, True])
def test_every_messages_content_is_found_exactly(template, contents, system):
    tokenizer = TOKENIZERS[template]
    messages = messages_of(contents)
    if system:
        messages.insert(0, {"role": "system", "content": "You listen. user"})
    ids, blocks = render(tokenizer, messages)
    stripped = [{**message, "content": message["content"].strip()} for message in messages]
    assert tokenizer.decode(ids) == tokenizer.apply_chat_template(stripped, tokenize=False)
    found = [tokenizer.decode(ids[block.content : block.content_end]) for block in blocks]
    assert found == [message["content"] for message in stripped]


@pytest.mark.parametrize("template", TOKENIZERS)
def test_blocks_tile_the_tokens_in_order(template):
    ids, blocks = render(TOKENIZERS[template], messages_of(CONTENTS["ordinary"]))
    assert blocks[0].start == 0 and blocks[-1].end == len(ids)
    for block in blocks:
        assert block.start <= block.content < block.content_end <= block.close <= block.end
    assert all(one.end == other.start for one, other in zip(blocks, blocks[1:], strict=False))


@pytest.mark.parametrize("template", TOKENIZERS)
def test_a_reply_closes_with_the_templates_end_of_turn(template):
    tokenizer = TOKENIZERS[template]
    ids, blocks = render(tokenizer, messages_of(CONTENTS["ordinary"]))
    for block in blocks[1::2]:
        assert tokenizer.decode(ids[block.content_end : block.close]) == ENDS[template]


@pytest.mark.parametrize("template", [SHOUT, FORGETFUL], ids=["changes", "drops"])
def test_a_template_that_changes_or_drops_text_is_an_error_that_names_the_message(template):
    with pytest.raises(ConversationError, match=r"row talk-7, field 'messages': .*message 0.*Mend: .*use_chatml"):
        render(with_template(template), messages_of(["hello there", "general"]), row="talk-7")
