"""
What a forward pass keeps for the backward pass, tensor by tensor.

The lists below are what autograd saves in transformers' layers (checked in tests/planning against
`torch.autograd.graph.saved_tensors_hooks`). T is the tokens of a micro-batch, b the bytes of a trunk number; RMS norms
compute in float32 whatever b is, and a frozen weight lets its input go.
"""

from pixel.planning.setup import Setup


def norm(setup: Setup, tokens: int, width: int) -> int:
    """An RMS norm: its input in float32, one factor a token, and the normed input if its weight is trained."""
    return tokens * (4 * width + 4 + (setup.width * width if setup.full else 0))


def input_of(setup: Setup, width: int, names: tuple[str, ...]) -> int:
    """What linear maps keep of their common input: one tensor if trained; a copy an adapter where that casts it."""
    tokens, b = setup.tokens, setup.width
    if setup.full:
        return tokens * width * b
    adapted = sum(name in setup.lora_targets for name in names)
    if not adapted:
        return 0
    low = adapted * tokens * setup.lora_rank
    if b == 4 or setup.zero:  # DeepSpeed holds the adapters in the trunk's dtype
        return tokens * width * b + low * b
    cast = 2 if setup.autocast else 4
    return adapted * tokens * width * cast + low * cast


def attention(setup: Setup) -> int:
    """Norm, projections and attention proper of one layer."""
    a, tokens, b = setup.architecture, setup.tokens, setup.width
    kept = norm(setup, tokens, a.hidden) + input_of(setup, a.hidden, ("q_proj", "k_proj", "v_proj"))
    if a.qk_norm:
        kept += norm(setup, tokens * a.heads, a.head_dim) + norm(setup, tokens * a.kv_heads, a.head_dim)
    masked = setup.packed and setup.attention != "flash"
    repeated = masked or setup.attention == "eager"  # keys and values copied once a query head
    kept += tokens * b * (2 * a.query + 2 * (a.query if repeated else a.keys))
    if setup.attention == "eager":
        kept += tokens * a.heads * setup.length * (4 + (b if b < 4 else 0))
    else:
        kept += tokens * a.heads * 4
        if masked:
            kept += tokens * setup.length * b  # the mask, made additive in every layer
    if not setup.full and "o_proj" in setup.lora_targets:
        shared = tokens * a.query * b if b == 4 or setup.zero else 0  # counted above already
        kept += input_of(setup, a.query, ("o_proj",)) - shared
    return kept


def mlp(setup: Setup) -> int:
    """Norm and gated MLP of one dense layer."""
    a, tokens, b = setup.architecture, setup.tokens, setup.width
    kept = norm(setup, tokens, a.hidden) + input_of(setup, a.hidden, ("gate_proj", "up_proj"))
    return kept + 3 * tokens * a.mlp * b + input_of(setup, a.mlp, ("down_proj",))


def experts(setup: Setup) -> int:
    """Norm, router and experts of one sparse layer; each token is `top_k` rows of the grouped products."""
    a, tokens, b = setup.architecture, setup.tokens, setup.width
    rows = tokens * a.top_k
    kept = norm(setup, tokens, a.hidden) + tokens * a.experts * 4 + rows * (4 * 8 + b)  # indices, router weights
    kept += rows * b * (2 * a.expert_mlp + a.expert_mlp + a.hidden)
    if setup.full:
        kept += tokens * a.hidden * b + rows * b * (a.hidden + a.expert_mlp)
    return kept + 2 * tokens * a.experts * b  # router logits and their softmax, for the auxiliary loss


def layer_input(setup: Setup) -> int:
    """What one checkpointed layer keeps: its input."""
    return setup.tokens * setup.architecture.hidden * setup.width


def top(setup: Setup) -> int:
    """The last norm, and the states that the LM head reads."""
    a, tokens, b = setup.architecture, setup.tokens, setup.width
    return norm(setup, tokens, a.hidden) + 2 * tokens * a.hidden * b + tokens * 40


def once(setup: Setup) -> int:
    """Kept once a pass: embeddings, rotary tables, the attention mask."""
    a, b = setup.architecture, setup.width
    mask = setup.rows * setup.length**2 if setup.packed and setup.attention != "flash" else 0
    rows = setup.rows if setup.packed else 1
    return setup.tokens * a.hidden * b + 2 * rows * setup.length * a.head_dim * b + mask


# ── what a layer needs for a moment beyond what it keeps ──


def mlp_moment(setup: Setup, sparse: bool) -> int:
    """In the backward pass of an MLP, when most is alive: gradients of the product's two factors, or of the rows."""
    a, tokens, b = setup.architecture, setup.tokens, setup.width
    if sparse:
        return tokens * a.hidden * b + 3 * tokens * a.top_k * a.hidden * b
    return tokens * a.hidden * b + 2 * tokens * a.mlp * b


def attention_moment(setup: Setup) -> int:
    """In the backward pass of the attention: gradients of queries, keys, values and output."""
    a, tokens, b = setup.architecture, setup.tokens, setup.width
    scores = 2 * tokens * a.heads * setup.length * 4 if setup.attention == "eager" else 0
    return tokens * b * (a.hidden + 4 * a.query) + scores
