from pixel.voice.personality.words import plain, sentences, words


def test_fillers_are_gone_and_acknowledgements_stay():
    assert words("Um, I uh think, er, so. Mm-hmm.") == ["i", "think", "so", "mm-hmm"]


def test_a_transcript_with_fillers_counts_like_one_without():
    assert plain("Well, um, we, uh, wait.") == plain("Well, we, wait.")


def test_words_that_merely_hold_a_filler_stay():
    assert words("The umbrella, a hummock and ehm") == ["the", "umbrella", "a", "hummock", "and", "ehm"]


def test_typographic_quotes_are_plain():
    assert words("I don’t ‘know’") == ["i", "don't", "know"]


def test_spelt_names_are_one_word():
    assert words("the P_D_A_ here") == ["the", "pda", "here"]


def test_sentences_end_at_marks_and_not_at_titles():
    assert sentences("Dr. Hart left. Why? So!") == ["Dr. Hart left.", "Why?", "So!"]


def test_a_sentence_of_fillers_alone_is_none():
    assert sentences("Um. Uh. Yes.") == ["Yes."]


def test_nothing_said_is_nothing():
    assert words("") == [] and sentences(" ... ") == []
