"""Tokenizers: the model's own with Pixel's chat template where it needs one, and a byte-level one for tiny models."""

from pathlib import Path

from pixel.data.rendering import use_chatml

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


def prepare_tokenizer(tokenizer):
    """
    Make a tokenizer fit for conversations: right padding, a pad token that is not the end of a turn, a template.

    A ChatML tokenizer (it knows `<|im_start|>`) whose template hides a system prompt or marks no assistant turns gets
    Pixel's; any other keeps its own.
    """
    vocabulary = tokenizer.get_vocab()
    if "<|im_start|>" in vocabulary and "{% generation" not in (tokenizer.chat_template or ""):
        use_chatml(tokenizer)
    if tokenizer.pad_token is None or tokenizer.pad_token == tokenizer.eos_token:
        tokenizer.pad_token = "<|endoftext|>" if "<|endoftext|>" in vocabulary else tokenizer.eos_token
    tokenizer.padding_side = "right"
    return tokenizer


def byte_tokenizer():
    """A tokenizer of 256 bytes and three special tokens, made in memory: for random tiny models."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {symbol: index for index, symbol in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(SPECIAL))
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        bos_token="<|im_start|>",
        unk_token="<|endoftext|>",
    )
    use_chatml(fast)
    return fast


def load_tokenizer(folder: str | Path):
    """The tokenizer of a model folder or Hub id, prepared."""
    from transformers import AutoTokenizer

    return prepare_tokenizer(AutoTokenizer.from_pretrained(folder))
