import pytest

from pixel.data.seen import FILE, SeenRows

POST = "Since my father died I have not slept through a single night."


def talk(*texts):
    return {
        "messages": [
            {"role": role, "content": text} for role, text in zip(("user", "assistant") * 9, texts, strict=False)
        ]
    }


def test_a_row_is_seen_however_it_is_spaced_or_cased():
    seen = SeenRows.of([talk("Hello there", "Hi")])
    assert seen.seen(talk("hello   THERE", "Hi"))
    assert not seen.seen(talk("Hello there", "Ho"))


def test_another_reply_to_a_post_that_was_trained_on_is_seen_and_a_short_greeting_is_not():
    seen = SeenRows.of([talk(POST, "I am sorry."), talk("Hi", "Hello")])
    assert seen.seen(talk(POST, "That sounds exhausting."))
    assert not seen.seen(talk("Hi", "What is on your mind?"))


def test_a_system_prompt_makes_no_row_seen():
    row = talk("Hi", "Hello")
    prompt = {"role": "system", "content": "You are a helpful assistant that answers at length."}
    seen = SeenRows.of([{"messages": [prompt, *row["messages"]]}])
    assert seen.seen(row)
    assert not seen.seen({"messages": [prompt, *talk("Ho", "Hey")["messages"]]})


def test_saved_and_loaded_they_say_the_same(tmp_path):
    seen = SeenRows.of([talk(POST, "Oh.")]) | SeenRows.of([talk("One", "Two")])
    seen.save(tmp_path)
    loaded = SeenRows.load(tmp_path)
    assert loaded.marks.tolist() == seen.marks.tolist() and len(loaded) == 3  # two rows and one long message
    assert SeenRows.load(tmp_path / "nowhere") is None


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / FILE).write_bytes(b"\x01" * 40)
    with pytest.raises(ValueError, match="cannot be read"):
        SeenRows.load(tmp_path)
