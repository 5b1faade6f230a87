"""
Talk with a Pixel model in the terminal and see what it reads in every turn.

    python recipes/chat.py --model outputs/demo

Commands: /mode [auto|therapy|assistant|hybrid]  show or choose who answers
          /readouts    show or hide the read-outs
          /save FILE   add the conversation to a JSON-lines file, in Pixel's schema
          /reset       start anew
          /quit        leave (so do Ctrl-D and Ctrl-C; Ctrl-C during a reply only stops the reply)

Pixel is not a medical device: it does not diagnose, treat or decide.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from pixel.training.command_line import explain


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="model folder or Hub id")
    parser.add_argument("--mode", default="auto", choices=("auto", "therapy", "assistant", "hybrid"))
    parser.add_argument("--max_new_tokens", type=int, default=256, help="of a reply (default: 256)")
    parser.add_argument("--temperature", type=float, default=0.7, help="0 for the likeliest words (default: 0.7)")
    parser.add_argument("--top_p", type=float, default=0.95, help="share of likely words to draw from (default: 0.95)")
    parser.add_argument("--seed", type=int, default=0, help="of the draw (default: 0)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, ... (default: auto)")
    parser.add_argument("--region", help="country of the crisis lines to show, such as GB (default: for any country)")
    parser.add_argument("--no_readouts", action="store_true", help="do not show the read-outs")
    chosen = parser.parse_args(arguments)
    if chosen.max_new_tokens < 1 or chosen.temperature < 0 or not 0 < chosen.top_p <= 1:
        parser.error("--max_new_tokens must be at least 1, --temperature at least 0, --top_p in (0, 1]")
    return chosen


def save(chat, name: str) -> str:
    """Add the conversation to a file; returns what to tell the person."""
    from pixel.data import conversation

    if not name or not chat.messages:
        return "Nothing was said yet." if name else "Say where to: /save FILE"
    number = time.strftime("chat-%Y%m%dT%H%M%S")
    row = conversation(chat.conversation(), id=number, source="chat", licence="private conversation, no licence given")
    try:
        with Path(name).expanduser().open("a", encoding="utf-8") as file:
            row = {key: value for key, value in row.items() if value is not None}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    except OSError as error:
        return f"Not saved: {name}: {error.strerror}"
    return f"Saved to {name}. It holds what you said, word for word: keep it where only you can read it."


def command(chat, line: str, chosen: argparse.Namespace) -> str | None:
    """Obey a command; returns what to tell the person, `None` to leave."""
    name, _, rest = line.partition(" ")
    rest = rest.strip()
    if name in ("/quit", "/exit"):
        return None
    if name == "/reset":
        chat.reset()
        return "Forgotten. We start anew."
    if name == "/mode":
        try:
            chat.mode = rest or chat.mode
        except ValueError as error:
            return str(error)
        steady = f", kept over {chat.state.consistency():.0%} of turns" if len(chat.state.history) > 1 else ""
        return f"Mode: {chat.mode}; answering as {chat.state.mode}{steady}."
    if name == "/readouts":
        chosen.no_readouts = not chosen.no_readouts
        return f"Read-outs are {'hidden' if chosen.no_readouts else 'shown'}."
    if name == "/save":
        return save(chat, rest)
    return "Commands: /mode [auto|therapy|assistant|hybrid], /readouts, /save FILE, /reset, /quit"


def note(chat, record: dict, monitor) -> str | None:
    """What a person in danger sees: by the monitor where there is one, and by the risk head."""
    from pixel.clinical.notes import crisis_note
    from pixel.inference import CRISIS_NOTE, severe_risk

    seen = crisis_note(monitor.observe(chat.messages), CRISIS_NOTE) if monitor is not None else None
    return seen or (CRISIS_NOTE if severe_risk(record) > 0.5 else None)


def answer(chat, line: str, chosen: argparse.Namespace, monitor=None) -> None:
    """One exchange: read the person's turn, reply, read the reply."""
    from pixel.data import ConversationError
    from pixel.inference.brief import brief

    before = chat.state.mode
    try:
        record = chat.hear(line)
    except ConversationError as error:
        print(error)
        return
    if not chosen.no_readouts and record:
        print(f"  [{brief(record, 'user')}]")
    if chat.state.mode != before:
        print(f"  [{before} → {chat.state.mode}]")
    if shown := note(chat, record, monitor):
        print(f"\n{shown}\n")
    print(f"pixel ({chat.state.mode})> ", end="", flush=True)
    reply = chat.reply()
    try:
        for piece in reply:
            print(piece, end="", flush=True)
    except KeyboardInterrupt:
        reply.close()
        print(" ...", end="")
    print()
    if not chosen.no_readouts and chat.records[-1]:
        print(f"  [{brief(chat.records[-1], 'assistant')}]")
    if not chosen.no_readouts and monitor is not None:
        place = len(chat.messages) - 1
        if broken := [flag.rule for flag in monitor.observe(chat.messages).flags if flag.turn == place]:
            print(f"  [to mend: {', '.join(broken)}]")


def main(chosen: argparse.Namespace) -> None:
    from pixel.clinical.monitor import default_monitor
    from pixel.inference import PersonaConversation, Sampler, choose_device
    from pixel.training import ModelArguments, load_pixel

    try:
        device, dtype = choose_device(chosen.device)
        tokenizer, network = load_pixel(ModelArguments(model_name_or_path=chosen.model), dtype=dtype)
    except ValueError as error:
        sys.exit(f"error: {error}")
    except OSError:
        sys.exit(f"error: --model {chosen.model}: no model with its tokenizer there. Mend: name a model folder")
    network.eval().to(device)
    chat = PersonaConversation(
        network,
        tokenizer,
        mode=chosen.mode,
        max_new_tokens=chosen.max_new_tokens,
        sampler=Sampler(chosen.temperature, chosen.top_p, chosen.seed),
    )
    monitor = default_monitor(chosen.region)
    trained = network.config.trained_fields
    if not trained:
        print("This model was not trained to read turns: it only replies. Train one with recipes/train.py.")
    elif chosen.mode == "auto" and "persona_mode" not in trained:
        print(f"This model was not trained to choose a persona: it answers as {chat.state.mode} until you say /mode.")
    print("Pixel is not a medical device. /quit leaves, any other / lists the commands.")

    while True:
        try:
            line = input("you> " if sys.stdin.isatty() else "").strip()
        except (EOFError, KeyboardInterrupt):
            break
        if line.startswith("/"):
            told = command(chat, line, chosen)
            if told is None:
                break
            print(told)
        elif line:
            answer(chat, line, chosen, monitor)
    print()


if __name__ == "__main__":
    chosen = options()
    with explain():
        main(chosen)
