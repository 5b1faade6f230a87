import json
import os
import subprocess
import sys
import textwrap

import torch
from torch.testing import assert_close

from tests.models.parts import conversation, network, tensors

READ = textwrap.dedent(
    """
    import importlib.util, json, sys
    sys.path = [entry for entry in sys.path if entry]
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(sys.argv[1], trust_remote_code=True).eval()
    talk = {name: torch.tensor(value) for name, value in json.load(open(sys.argv[2])).items()}
    with torch.no_grad():
        output = model(**talk)
    print(json.dumps({
        "module": type(model).__module__,
        "config": type(model.config).__module__,
        "pixel": sorted(name for name in sys.modules if name == "pixel" or name.startswith("pixel.")),
        "importable": importlib.util.find_spec("pixel") is not None,
        "logits": output.logits.tolist(),
        "risk": output.readouts["risk"].tolist(),
    }))
    """
)


def test_a_saved_folder_runs_where_pixel_is_not_installed(tmp_path):
    model = network("qwen3", readout_pooling="mean+attention", lexical_fields=["risk"], emotion_attention=True)
    folder, elsewhere = tmp_path / "model", tmp_path / "elsewhere"
    elsewhere.mkdir()
    model.save_pretrained(folder)
    assert json.loads((folder / "config.json").read_text())["auto_map"] == {
        "AutoConfig": "configuration_pixel.PixelConfig",
        "AutoModelForCausalLM": "modeling_pixel.PixelForCausalLM",
    }
    talk = tensors(conversation([3, 4]))
    (elsewhere / "talk.json").write_text(json.dumps({name: value.tolist() for name, value in talk.items()}))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment |= {"HF_HUB_OFFLINE": "1", "HF_MODULES_CACHE": str(tmp_path / "modules")}
    done = subprocess.run(
        [sys.executable, "-I", "-c", READ, str(folder), "talk.json"],
        cwd=elsewhere, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.strip().splitlines()[-1])
    assert said["module"].startswith("transformers_modules") and said["config"].startswith("transformers_modules")
    assert said["pixel"] == []  # not even where it happens to be installed
    with torch.no_grad():
        output = model(**talk)
    assert_close(torch.tensor(said["logits"]), output.logits, atol=1e-5, rtol=1e-5)
    assert_close(torch.tensor(said["risk"]), output.readouts["risk"], atol=1e-5, rtol=1e-5)
