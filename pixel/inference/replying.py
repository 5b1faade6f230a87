"""A conversation with a Pixel model: every turn is read, and what is read decides which persona answers."""

from collections.abc import Iterator

import torch

from pixel.data.errors import ConversationError
from pixel.data.persona_slots import persona_slots, reserve_slots
from pixel.data.rendering import Block, render
from pixel.inference.crisis import severe_risk
from pixel.inference.sampling import Sampler
from pixel.models.persona_state import PERSONA_PROMPTS, PersonaState
from pixel.models.readouts import turn_record
from pixel.models.streaming import StreamingReader

AUTO = "auto"


class PersonaConversation:
    """
    Hears a person, reads the turn, decides the mode (`PersonaState`, with hysteresis), and replies in it.

    The mode sets the system prompt and, where the model has soft prompts, their vectors at its end. Tokens are fed to
    the KV cache as they come and read on the way. When what was fed no longer is how the conversation begins (another
    mode, words that tokenise differently once they are text, a context that is full), the cache is built anew. So
    `records` always equal what reading `conversation()` as a whole gives (without soft prompts, which are no text).

    Args:
        network: in evaluation mode, on its device.
        tokenizer: its tokenizer.
        mode: `therapy`, `assistant`, `hybrid`, or `auto`: decided at each user turn, if the model reads personas.
        max_new_tokens: of a reply.
        sampler: draws the tokens.

    Attributes:
        messages: what was said, without the system prompt.
        records: the read-outs of each message (`turn_record`); empty ones where nothing was trained.
        state: the persona state; `state.consistency()` says how steady it was.

    Raises:
        ValueError: no such mode.
    """

    def __init__(
        self, network, tokenizer, *, mode: str = AUTO, max_new_tokens: int = 256, sampler: Sampler | None = None
    ):
        self.network, self.tokenizer = network, tokenizer
        self.max_new_tokens, self.sampler = max_new_tokens, sampler or Sampler()
        self.limit = network.config.text_config.max_position_embeddings
        self.special = set(tokenizer.all_special_ids)
        self.unused = range(len(tokenizer), network.config.text_config.vocab_size)  # rows that pad the vocabulary
        self.mode = mode
        self.reset()

    @property
    def mode(self) -> str:
        """What was asked for: a mode, or `auto`."""
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        if mode != AUTO and mode not in PERSONA_PROMPTS:
            raise ValueError(f"no mode is called {mode!r}. Mend: use one of: {AUTO}, {', '.join(PERSONA_PROMPTS)}")
        self._mode = mode
        if mode != AUTO and hasattr(self, "state"):
            self.state.mode, self.state.average = mode, {}

    def reset(self) -> None:
        """Forget everything that was said."""
        self.messages: list[dict[str, str]] = []
        self.records: list[dict] = []
        self.state = PersonaState() if self.mode == AUTO else PersonaState(mode=self.mode)
        self._first = 0  # messages before it no longer fit into the context
        self._restart()

    def conversation(self) -> list[dict[str, str]]:
        """Everything said, behind the system prompt of the current mode."""
        return [{"role": "system", "content": self.state.system_prompt()}, *self.messages]

    # ── hearing ──

    def hear(self, text: str) -> dict:
        """
        Take in what the person says.

        Args:
            text: not blank. Special tokens in it lose their meaning, so nobody can forge a turn.

        Returns:
            the turn's read-outs, on which the mode was decided.

        Raises:
            ConversationError: blank, or longer than the context.
        """
        if not text.strip():
            raise ConversationError("the message is empty", mend="say something")
        self.messages.append({"role": "user", "content": self._harmless(text)})
        try:
            self._make_room()
            self._follow()
        except ConversationError:
            self.messages.pop()
            raise
        record = self.records[-1]
        persona = record.get("persona", {})
        if self.mode == AUTO and "mode" in persona:
            self.state.update(persona["mode"], persona.get("switch", 0.0), severe_risk(record))
        else:
            self.state.history.append(self.state.mode)
        return record

    def _harmless(self, text: str) -> str:
        for token in self.tokenizer.all_special_tokens:
            text = text.replace(token, f"{token[0]} {token[1:]}")
        return text.strip()

    def _make_room(self) -> None:
        """Leave the oldest messages out of the context until a reply fits behind the rest."""
        reserve = min(self.max_new_tokens, self.limit // 4)
        first = self._first
        while len(self._render(first)[0]) + reserve > self.limit - 16:  # 16: the reply's header
            first += 1
            while first < len(self.messages) and self.messages[first]["role"] != "user":
                first += 1
            if first >= len(self.messages):
                raise ConversationError(
                    f"the message does not fit into the model's context of {self.limit} tokens", mend="say it in parts"
                )
        self._first = first

    # ── replying ──

    def reply(self) -> Iterator[str]:
        """
        Answer the last message, piece by piece.

        Closing the iterator early keeps what was said until then. Afterwards `messages` and `records` hold the reply.
        """
        said: list[int] = []
        shown = ""
        try:
            logits = self._prompt()
            for _ in range(min(self.max_new_tokens, self.limit - len(self._fed))):
                blank = not shown.strip()
                token = self.sampler(logits, {*self.unused, *(self.special if blank else ())})
                if token in self.special:
                    break
                said.append(token)
                logits = self._feed([token], in_turn=True)
                text = self._text(said)
                if not text.endswith("\ufffd"):  # half a character so far
                    yield text[len(shown) :]
                    shown = text
        except BaseException:
            self._restart()  # it may have been stopped between the cache and our count
            raise
        finally:
            content = self._harmless(self._text(said)) or "..."
            self.messages.append({"role": "assistant", "content": content})
            self._follow()
        if rest := self._text(said)[len(shown) :]:
            yield rest

    def _text(self, ids: list[int]) -> str:
        return self.tokenizer.decode(ids, skip_special_tokens=True)

    def _prompt(self) -> torch.Tensor:
        """Feed up to where the reply begins; returns the logits of its first token."""
        self._follow()
        text = self.tokenizer.apply_chat_template(self._context(), tokenize=False, add_generation_prompt=True)
        ids = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        if ids[: len(self._fed)] != self._fed or len(ids) == len(self._fed):
            self._restart()
        logits = self._feed(ids[len(self._fed) :], slots=self._slots(ids)[len(self._fed) :])
        self._open = len(self._fed)
        return logits

    # ── feeding and reading ──

    def _restart(self) -> None:
        self._reader = StreamingReader(self.network)
        self._fed: list[int] = []  # the tokens in the cache
        self._open: int | None = None  # where the reply that is being said begins

    def _context(self, first: int | None = None) -> list[dict[str, str]]:
        prompt = self.state.system_prompt()
        if self._prefix:
            prompt = reserve_slots(prompt, self.tokenizer, self._prefix)
        return [{"role": "system", "content": prompt}, *self.messages[self._first if first is None else first :]]

    @property
    def _prefix(self) -> int:
        return self.network.config.persona_prefix_length

    def _render(self, first: int | None = None) -> tuple[list[int], list[Block]]:
        ids, blocks = render(self.tokenizer, self._context(first))
        if any(block.content == block.content_end for block in blocks):
            raise ConversationError("the chat template leaves nothing of a message", mend="say it in other words")
        return ids, blocks

    def _slots(self, ids: list[int]) -> list[int]:
        system = self._render()[1][0]
        return persona_slots(ids, self.tokenizer, self.state.mode, self._prefix, system.content, system.content_end)

    def _feed(self, ids: list[int], *, in_turn: bool = False, slots: list[int] | None = None) -> torch.Tensor | None:
        if not ids:
            return None
        slots = slots if slots and max(slots) >= 0 else None
        logits = self._reader.feed(ids, in_turn=in_turn, persona_slots=slots)
        self._fed += ids
        return logits

    def _fits(self, ids: list[int], blocks: list[Block]) -> bool:
        """Whether what was fed is how the conversation begins, and a turn that is open lies where its block does."""
        read, fed = len(self._reader.turns), len(self._fed)
        if ids[:fed] != self._fed or read > len(blocks):
            return False
        if read == len(blocks):
            return self._open is None
        if self._open is None:
            return fed <= blocks[read].content
        return blocks[read].content == self._open and fed <= blocks[read].content_end

    def _follow(self) -> None:
        """Bring the cache and the read-outs up to the last message."""
        ids, blocks = self._render()
        if not self._fits(ids, blocks):
            self._restart()
        slots = self._slots(ids)
        config = self.network.config
        for number in range(len(self._reader.turns), len(blocks)):
            block = blocks[number]
            for end, in_turn in ((block.content, False), (block.content_end, True)):
                begin = len(self._fed)
                self._feed(ids[begin:end], in_turn=in_turn, slots=slots[begin:end])
            record = turn_record(self._reader.end_turn(), config.trained_fields, config.offsets)
            self._open = None
            if number:  # 0 is the system prompt
                self.records[self._first + number - 1 :] = [record]
