"""What a figure rests on: its own code and the model's, and not the rest."""

from pixel.evaluation import depends
from pixel.evaluation.depends import ROOT, code_fingerprint, files_behind


def names(*modules):
    return {str(file.relative_to(ROOT)) for file in files_behind(modules)}


def test_imports_are_followed_at_the_top_within_functions_and_through_a_packages_table_of_names():
    found = names("pixel.evaluation.subjects")
    assert "evaluation/endpoint.py" in found  # at the top
    assert "training/loading.py" in found  # within a function
    assert "inference/conversation_reader.py" in found or any(name.startswith("inference/") for name in found)
    assert "models/modeling_pixel.py" in found  # `from pixel.models import PixelForCausalLM`


def test_what_a_task_does_not_use_is_not_behind_it():
    found = names("pixel.evaluation.tasks.eq", "pixel.evaluation.subjects")
    assert "evaluation/tasks/eq.py" in found and "evaluation/validity/validity.py" in found
    assert not any(name.startswith(("review/", "benchmarks/", "clinical/", "evaluation/report/")) for name in found)
    assert "evaluation/tasks/bias.py" not in found


def test_questions_and_weights_of_a_package_are_behind_its_modules():
    assert "evaluation/lm_eval/pixel_dsm.yaml" in names("pixel.evaluation.lm_eval.functions")
    assert any(name.startswith("clinical/") and name.endswith(".safetensors") for name in names(
        "pixel.evaluation.tasks.crisis"))  # fmt: skip


def test_only_a_change_of_a_file_behind_a_module_changes_its_fingerprint(tmp_path, monkeypatch):
    root = tmp_path / "pixel"
    (root / "part").mkdir(parents=True)
    files = {"__init__.py": "", "part/__init__.py": "", "part/a.py": "from pixel.part.b import x\n",
             "part/b.py": "x = 1\n", "part/c.py": "y = 1\n", "part/table.yaml": "1\n"}  # fmt: skip

    def fingerprint(**changed):
        for name, text in {**files, **changed}.items():
            (root / name).write_text(text)
        for kept in (depends._file, depends._imports, depends._table, depends._content, depends.code_fingerprint):
            kept.cache_clear()
        return code_fingerprint("pixel.part.a")

    try:
        monkeypatch.setattr(depends, "ROOT", root)
        before = fingerprint()
        assert fingerprint() == before == fingerprint(**{"part/c.py": "y = 2\n"})
        for name, text in (("part/a.py", "x = 3\n"), ("part/b.py", "x = 2\n"), ("part/table.yaml", "2\n")):
            assert fingerprint(**{name: text}) != before
    finally:
        monkeypatch.undo()
        for kept in (depends._file, depends._imports, depends._table, depends._content, depends.code_fingerprint):
            kept.cache_clear()
