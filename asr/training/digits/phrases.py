"""What people say when they give numbers and letters, at random: (text to speak, tokens)."""

from vocabulary import COMMANDS, DIGITS, LETTERS, MONTHS, NUMBER_OF, ORDINALS, TEENS, TENS

# How a synthesiser must be told to name a letter.
NAMED = {"a": "eigh", "o": "oh"}
CARRIERS = (
    "my number is|it is|that's|the code is|yes it's|okay so it's|the order number is|please call me at|and then|sure|"
    "the postcode is|my account number is|the extension is|let me see|i think it's|one moment|dial"
).split("|")
ENDINGS = "thank you|please|that's it|is that right|got it|and that is all".split("|")
CHATTER = (
    "i want to talk to somebody about the bill for it|they are here for two or three more days|could you be so kind|"
    "we ate at the place you see there|oh i see|well you know what i mean|why are you so late|he won the game for us|"
    "can you hear me|i would like to know more about that|it is too much to do in one day|that was before the weekend|"
    "tell her that i will be there|see you at the office|are we going to the sea|no i do not think so|poor man|sex and sin|"
    "the knight of the tree|fine by me|heaven knows|state your name|six of them came and the other five stayed|free for all|"
    "a great deal of tea|the door was open|nice of you to say so|the ten of us|seventy people were there|thanks a lot for it"
).split("|")


def digit_string(random, most=12):
    words, spoken = [], []
    count = random.randint(1, most)
    oh = random.random() < 0.4
    while len(words) < count:
        digit = random.choice(DIGITS)
        name = "o" if digit == "zero" and oh else digit
        style = random.random()
        if style < 0.04:
            words += [random.choice(["double", "triple"]), name]
        elif style < 0.10:
            words += [name] * random.randint(2, 3)
        elif style < 0.14:
            words += [random.choice(TENS), random.choice(DIGITS[1:])]
        elif style < 0.17:
            words.append(random.choice(TEENS + TENS))
        elif style < 0.18:
            words += [random.choice(DIGITS[1:]), random.choice(["hundred", "thousand"])]
        else:
            words.append(name)
    return words


def letter_string(random):
    return [random.choice(LETTERS) for _ in range(random.randint(1, 9))]


def date(random):
    year = ["nineteen", *number(random)] if random.random() < 0.5 else ["two", "thousand", random.choice(DIGITS[1:])]
    return [random.choice(MONTHS), random.choice(ORDINALS), *year]


def number(random):
    return [random.choice(TENS)] if random.random() < 0.2 else [random.choice(TENS), random.choice(DIGITS[1:])]


def words_of(random):
    kind = random.random()
    if kind < 0.45:
        return digit_string(random)
    if kind < 0.65:
        return letter_string(random)
    if kind < 0.80:
        return letter_string(random)[:4] + digit_string(random, 5)
    if kind < 0.86:
        return date(random)
    if kind < 0.90:
        return [random.choice(DIGITS[1:]), "hundred", *number(random)]
    return [random.choice(COMMANDS + MONTHS + ORDINALS + DIGITS + TEENS + TENS + LETTERS)]


def spoken(random, words):
    """With pauses as people put them."""
    every = random.choice([1, 3, 3, 4, 4, 99, 99])
    parts = []
    for index, word in enumerate(words):
        pause = "," if index % every == every - 1 else ""
        parts.append(NAMED.get(word, word) + pause)
    return " ".join(parts)


def phrase(random):
    if random.random() < 0.12:
        text = random.choice(CHATTER)
        return text, tokens_in(text)
    words = words_of(random)
    text, tokens = spoken(random, words), [NUMBER_OF[word] for word in words]
    if random.random() < 0.15:
        carrier = random.choice(CARRIERS)
        text, tokens = carrier + ", " + text, tokens_in(carrier) + tokens
    if random.random() < 0.08:
        ending = random.choice(ENDINGS)
        text, tokens = text + ", " + ending, tokens + tokens_in(ending)
    return text, tokens


def tokens_in(text):
    from vocabulary import tokens_of

    return tokens_of(text)
