"""
Train until it is done, whatever happens in between; run the stages of a pipeline; write files for schedulers.

    python recipes/launch.py train --accelerate_config accelerate_configs/ddp.yaml --num_processes 2 \\
        -- --config recipes/configs/tiny_cpu.yaml --output_dir outputs/tiny
    python recipes/launch.py run recipes/pipelines/tiny_cpu.yaml
    python recipes/launch.py status outputs/tiny
    python recipes/launch.py push outputs/tiny --repo_id me/tiny
    python recipes/launch.py template slurm --nodes 2 --gpus 8 -- --config recipes/configs/qwen3_30b_a3b_zero3.yaml

What follows `--` goes to recipes/train.py. `train` starts it again after a crash, a hang, a SIGKILL or a full disk,
from the newest checkpoint that is whole, until OUTPUT/finished.json is there. Exit status: 0 finished; 75 stopped by
SIGTERM after a save, to be continued; 1 gave up, with the mend in OUTPUT/alerts.jsonl and OUTPUT/supervisor.json.
"""

import argparse
import os
import sys
from pathlib import Path

from pixel.orchestration.accelerate_command import LaunchError, config_of, output_of, processes_of, training_command
from pixel.orchestration.hang import HangLimits


def options(arguments: list[str] | None = None) -> tuple[argparse.Namespace, list[str]]:
    words = list(sys.argv[1:] if arguments is None else arguments)
    mine, rest = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, [])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="supervise a training run")
    train.add_argument(
        "--accelerate_config", help="YAML of accelerate_configs/ (default: one process without accelerate)"
    )
    train.add_argument("--num_processes", type=int, help="over all machines (default: what the YAML says)")
    train.add_argument("--num_machines", type=int, default=1, help="each with a supervisor and the same output folder")
    train.add_argument("--machine_rank", type=int, default=0, help="of this machine; 0 leads")
    train.add_argument("--main_process_ip", help="address of machine 0")
    train.add_argument(
        "--main_process_port", type=int, help="attempt N meets at this + N %% 100 (default: any free port)"
    )
    train.add_argument("--script", default="recipes/train.py", help="what is trained with (default: recipes/train.py)")
    train.add_argument("--restarts", type=int, default=5, help="without progress; progress refills them (default: 5)")
    train.add_argument(
        "--backoff", type=float, default=5.0, help="seconds before the first restart; doubles (default: 5)"
    )
    train.add_argument("--longest_backoff", type=float, default=300.0, help="seconds (default: 300)")
    train.add_argument(
        "--grace", type=float, default=600.0, help="seconds a save may take after SIGTERM (default: 600)"
    )
    for name in ("start", "step", "save", "evaluate", "end"):
        value = getattr(HangLimits, name)
        train.add_argument(f"--hang_{name}", type=float, default=value, help=f"silence allowed (default: {value:g} s)")
    train.add_argument(
        "--hang_factor", type=float, default=HangLimits.factor, help="times the slowest step (default: 20)"
    )
    train.add_argument("--quiet", action="store_true", help="the output goes to OUTPUT/attempts/N.log alone")
    run = commands.add_parser("run", help="run the stages of a pipeline; those whose inputs are unchanged are skipped")
    run.add_argument("pipeline", help="YAML, see recipes/pipelines")
    run.add_argument(
        "--from", dest="start", metavar="STAGE", help="run this stage and all that need it, changed or not"
    )
    run.add_argument("--only", nargs="+", metavar="STAGE", help="look at these stages alone")
    run.add_argument("--force", action="store_true", help="run every stage, changed or not")
    run.add_argument("--dry_run", action="store_true", help="say what would run, and why")
    run.add_argument("--quiet", action="store_true", help="output of stages goes to FOLDER/logs alone")
    for command in (train, run):
        command.add_argument("--webhook", help="address alerts are POSTed to (default: the YAML's alerts)")
        command.add_argument("--seed", type=int, default=0, help="of the waits (default: 0)")
    status = commands.add_parser("status", help="how far a run or a pipeline is")
    status.add_argument("place", help="output folder of a run or a pipeline, or a pipeline's YAML")
    push = commands.add_parser("push", help="push a folder to the Hub, again and again while the Hub is away")
    push.add_argument("folder", type=Path)
    push.add_argument("--repo_id", required=True, help="name or owner/name")
    push.add_argument("--public", action="store_true", help="not private")
    push.add_argument("--tries", type=int, default=5, help="(default: 5)")
    push.add_argument(
        "--backoff", type=float, default=10.0, help="seconds before the second try; doubles (default: 10)"
    )
    push.add_argument("--leave", type=Path, help="file for the command that tries again, if all fail")
    template = commands.add_parser("template", help="print a file for a scheduler")
    template.add_argument("scheduler", choices=("slurm", "kubernetes"))
    template.add_argument(
        "--set", nargs="*", default=[], metavar="NAME=VALUE", help="see pixel.orchestration.schedulers"
    )
    template.add_argument("--nodes", type=int, default=1)
    template.add_argument("--gpus", type=int, default=8, help="a node (default: 8)")
    template.add_argument("--name", default="pixel")
    template.add_argument("--accelerate_config", help="(default: ZeRO-3 on 8 GPUs, or on 2 x 8)")
    template.add_argument("--write", type=Path, help="file (default: print it)")
    chosen = parser.parse_args(mine)
    if rest and chosen.command not in ("train", "template"):
        parser.error("only train and template take words after --")
    return chosen, rest


def train(chosen: argparse.Namespace, rest: list[str]) -> int:
    from pixel.monitoring.alert_sinks import build_sinks
    from pixel.monitoring.alerts import Alerts
    from pixel.orchestration import Nodes, Restarts, Supervisor

    output = output_of(rest)
    command = training_command(
        rest, chosen.accelerate_config, script=chosen.script, processes=chosen.num_processes,
        machines=chosen.num_machines, machine_rank=chosen.machine_rank, main_ip=chosen.main_process_ip,
    )  # fmt: skip
    webhook = chosen.webhook or (config_of(rest).get("alerts") or {}).get("webhook")
    if webhook and not str(webhook).startswith(("http://", "https://")):
        raise LaunchError(f"webhook: {webhook}: no address. Mend: http://... or https://...")
    alerts = Alerts(build_sinks(file=output / "alerts.jsonl", webhook=webhook, run=output.name))
    nodes = None
    if chosen.num_machines > 1:
        nodes = Nodes(output, chosen.num_machines, chosen.machine_rank, chosen.main_process_port)
    limits = {name: getattr(chosen, f"hang_{name}") for name in ("start", "step", "save", "evaluate", "end", "factor")}
    return Supervisor(
        output,
        command,
        limits=HangLimits(**limits),
        restarts=Restarts(chosen.restarts, chosen.backoff, max(chosen.longest_backoff, chosen.backoff), chosen.seed),
        grace=chosen.grace,
        alerts=alerts,
        environment={
            "TORCH_EXTENSIONS_DIR": os.environ.get("TORCH_EXTENSIONS_DIR")
            or str(output.absolute() / ".cache" / f"torch_extensions{'' if nodes is None else nodes.suffix}")
        },
        echo=not chosen.quiet,
        nodes=nodes,
        ranks=processes_of(chosen.accelerate_config, chosen.num_processes),
    ).run()


def main(chosen: argparse.Namespace, rest: list[str]) -> int:
    from pixel.orchestration.locks import InUseError
    from pixel.orchestration.pipeline_file import PipelineError

    try:
        if chosen.command == "train":
            return train(chosen, rest)
        if chosen.command == "run":
            from pixel.orchestration.pipeline import run_pipeline

            return run_pipeline(chosen)
        if chosen.command == "status":
            from pixel.orchestration.status import show

            return show(chosen.place)
        if chosen.command == "push":
            from pixel.orchestration.pushing import push_until_taken

            return push_until_taken(
                chosen.folder, chosen.repo_id, private=not chosen.public, tries=chosen.tries, first=chosen.backoff,
                leave=chosen.leave,
            )  # fmt: skip
        from pixel.orchestration.schedulers import render, settings_of

        more = settings_of(chosen.set)
        config = chosen.accelerate_config or f"accelerate_configs/zero3_{'8gpu' if chosen.nodes == 1 else '2x8'}.yaml"
        text = render(chosen.scheduler, chosen.name, chosen.nodes, chosen.gpus, config, rest, **more)
        print(text) if chosen.write is None else chosen.write.write_text(text)
        return 0
    except (LaunchError, InUseError, PipelineError) as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        sys.exit(f"error: {error.filename}: {error.strerror}. Mend: a folder that is there and can be written")


if __name__ == "__main__":
    sys.exit(main(*options()))
