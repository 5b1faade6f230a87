"""A causal language model as a writer: several candidates for one prompt, the same for the same seed."""

from collections.abc import Sequence


class CausalWriter:
    """
    Args:
        model: folder or Hub id of a causal model with a chat template.
        device: `cpu`, `cuda`, or `None` for what there is.
        temperature, top_p: of the draw.

    Attributes:
        name: of the model, for cards.

    Raises:
        OSError: no such model there.

    Source of `top_p`: Holtzman et al., "The Curious Case of Neural Text Degeneration", ICLR 2020.
    """

    def __init__(self, model: str, device: str | None = None, temperature: float = 0.7, top_p: float = 0.9):
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.name = str(model).rstrip("/").rsplit("/", 1)[-1]
        self.temperature, self.top_p = temperature, top_p
        self.device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self.tokenizer = AutoTokenizer.from_pretrained(model)
        self.network = AutoModelForCausalLM.from_pretrained(model).to(self.device).eval()
        self.longest = getattr(self.network.config, "max_position_embeddings", 2048)

    def write(self, messages: Sequence[dict], count: int, seed: int, most_tokens: int = 60) -> list[str]:
        """
        Candidates for the next message.

        Args:
            messages: `{"role", "content"}`.
            count: candidates, drawn together.
            seed: the same one gives the same candidates on the same machine.
            most_tokens: of a candidate. A prompt that leaves no room for them is cut on its left.
        """
        import torch
        from transformers import DynamicCache

        inputs = self.tokenizer.apply_chat_template(
            list(messages), add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        prompt = inputs["input_ids"][:, -max(2, self.longest - most_tokens) :].to(self.device)
        with torch.random.fork_rng(), torch.inference_mode():
            torch.manual_seed(seed)
            cache = DynamicCache(config=self.network.config)
            self.network(prompt[:, :-1], past_key_values=cache, logits_to_keep=1)  # the prompt is read once for all
            cache.batch_repeat_interleave(count)
            prompts = prompt.repeat(count, 1)
            out = self.network.generate(
                prompts, attention_mask=torch.ones_like(prompts), past_key_values=cache, max_new_tokens=most_tokens,
                do_sample=True, temperature=self.temperature, top_p=self.top_p, top_k=0,
                pad_token_id=self.tokenizer.pad_token_id or self.tokenizer.eos_token_id,
            )  # fmt: skip
        fresh = out[:, prompt.shape[1] :]
        return [text.strip() for text in self.tokenizer.batch_decode(fresh, skip_special_tokens=True)]
