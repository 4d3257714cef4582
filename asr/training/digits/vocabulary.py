"""The tokens of the digit recogniser, and how a text becomes a row of them. asr/engines/digits reads the exported list."""

import re

DIGITS = "zero one two three four five six seven eight nine".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
# The letter O and the digit "oh" sound the same: one token.
LETTERS = list("abcdefghijklmnopqrstuvwxyz")
COMMANDS = "yes no go stop up down left right start help enter erase repeat okay".split()
MONTHS = "january february march april may june july august september october november december".split()
ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"
).split()

BLANK = "<blank>"
# Any other word.
FILLER = "<other>"
TOKENS = [BLANK, FILLER, *DIGITS, "double", "triple", *TEENS, *TENS, "hundred", "thousand", *LETTERS, *COMMANDS, *MONTHS, *ORDINALS]
NUMBER_OF = {token: number for number, token in enumerate(TOKENS)}

# In ordinary sentences these are other words than the letters that they look like.
ORDINARY = {"a", "i", "o"}


def tokens_of(text, spelled=False):
    """`spelled`: single letters are letters and "oh" is the digit, as in AN4; else they are ordinary words."""
    tokens = []
    for word in re.sub(r"[^a-z' ]", " ", text.lower().replace("-", " ")).split():
        word = word.strip("'")
        if not word:
            continue
        if word in ("oh", "o"):
            tokens.append("o" if spelled else FILLER)
        elif len(word) == 1 and word in ORDINARY and not spelled:
            tokens.append(FILLER)
        elif word in ("zed", "zee") and spelled:
            tokens.append("z")
        else:
            tokens.append(word if word in NUMBER_OF else FILLER)
    return [NUMBER_OF[token] for token in tokens]
