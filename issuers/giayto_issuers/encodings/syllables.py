"""Which words can be Vietnamese: the evidence by which an encoding is told.

A Vietnamese word is one syllable: an onset, one of some 160 rhymes, and a tone; a rhyme that ends in c, ch, p or t has
one of two tones only. Text that was read in a wrong encoding hardly ever looks like that.
"""

from functools import lru_cache
from re import compile as compile_pattern
from typing import Final
from unicodedata import normalize

_ONSET_LIST: Final = "ngh gh gi kh ch ng nh ph qu th tr b c d đ g h k l m n p r s t v x"
_RHYME_LIST: Final = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oc oi om on ong op ot oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet
    ooc oong
    ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uc ui um un ung up ut uâ uân uâng uât uây uê uêch uênh uơ uôc uôi uôm uôn uông uôp uôt
    uy uya uych uyên uyêt uyn uynh uyt uyu
    ư ưa ưc ưi ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt yêu ych ynh yt
"""
_ONSETS: Final = tuple(_ONSET_LIST.split())
_RHYMES: Final = frozenset(_RHYME_LIST.split())
_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_STOPPED_TONES: Final = frozenset("\u0301\u0323")
_STOPS: Final = ("c", "ch", "p", "t")
_BETWEEN_WORDS: Final = compile_pattern(r"[\s\x00-\x40\[-`{-\x7f\u00a0\u2013-\u2026]+")


def words_with_diacritics(text: str) -> list[str]:
    """Return what stands between spaces, digits and punctuation, as far as it is not plain ASCII: small, in NFC."""
    return [word.lower() for word in _BETWEEN_WORDS.split(normalize("NFC", text)) if not word.isascii()]


@lru_cache(maxsize=16_384)
def is_syllable(word: str) -> bool:
    """Tell whether a word, small and in NFC, has the form of a Vietnamese syllable."""
    letters, tones = _without_tone(word)
    if len(tones) > 1:
        return False
    return any(
        rhyme in _RHYMES and (not tones or not rhyme.endswith(_STOPS) or tones <= _STOPPED_TONES)
        for rhyme in _possible_rhymes(letters)
    )


def _without_tone(word: str) -> tuple[str, frozenset[str]]:
    marks = normalize("NFD", word)
    found = [mark for mark in marks if mark in _TONES]
    bare = normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
    # Two equal tones are as wrong as two different ones.
    return bare, frozenset(found) if len(found) < 2 else frozenset("\u0300\u0301")


def _possible_rhymes(letters: str) -> list[str]:
    return [letters, *(letters[len(onset) :] for onset in _ONSETS if letters.startswith(onset))]
