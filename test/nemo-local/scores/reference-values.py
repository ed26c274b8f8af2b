"""Computes the scores that ours are compared with, using the implementations that define them.

    pip install sacrebleu==2.6.0 rouge-score==0.1.2
    python reference-values.py > reference-values.json

F1 and exact match follow the evaluation script of SQuAD 1.1, whose definitions are repeated below.
"""

import collections
import json
import re
import string

import sacrebleu
from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer

PAIRS = [
    ("Your flight to Bern is booked.", "Your flight to Bern is booked."),
    ("Your flight to Bern is booked.", "The flight to Bern was booked for you."),
    ("The refund of $20.50 arrives within 5-7 days.", "A refund (20.50 dollars) arrives in 5-7 days, probably."),
    ("The cat sat on the mat.", "the the the the the the the"),
    ("He proceeded to cancel all reservations quickly.", "He proceeds cancelling every reservation, quickly!"),
    ("Yes", "yes."),
    ("Yes", "No"),
    ("The", "an a the"),
    ("", ""),
    ("", "something"),
    ("something", ""),
    ("one two three", "one two"),
    ("It costs 1,299.99 & ships <today>.", "It costs 1,299.99 &amp; ships &lt;today&gt;."),
    ("Größe: 42 cm — naïve café", "Grösse: 42 cm - naive cafe"),
    ("第一 行", "第一 行 です"),
    ("line one\nline two", "line one line two"),
    ("state-of-the-art re-\nsults", "state-of-the-art results"),
    ("Don't you know, it's a test...", "dont you know its test"),
    ("the an-a theory of a thing", "theory thing of"),
    ("a b c d e f g h", "h g f e d c b a"),
    ("order #W1000 was shipped on 2024-05-01 at 10:30.", "order #W1001 was shipped on 2024-05-01 at 10:30."),
    ("Sky and skies, dying news; generously happily flying ties", "skies die news generous happy fly tied"),
]

MANY_REFERENCES = [
    (["The cat is on the mat.", "There is a cat on the mat."], "There is the cat on a mat."),
    (["Booked for two nights.", "I booked it for two nights at the hotel."], "I booked two nights."),
    (["short", "a much longer reference than that"], "a medium one here"),
    (["x y z", "p q"], "x q"),
]

WORDS = """
abilities ability able accompanied adjustable adoption agreed airliner allowance analogousli analogies angularity
apologies apology archaeology at bill bowdlerize bring buried callousness cancel cancelled cancelling cannings caresses
cats cease communism conditional conflated conformably controlling controll cries decisiveness defensible dependent
dependencies derivational died dies differently digitizer dying effective electrical electriciti enjoy exceed
fail failing falling falls feed feudalism filing fizzed flies flying formalize formaliti formative generally geologi
generously goodness gyroscopic happy happily hesitanci hissing homologous hopeful hopefulness hoping hopping hotel
hotels howe industries inference innings irritant it's knightly lie lied lying logi logically marketing missing motoring
news operator outings plastered played ponies predication probate proceed proceeding radically rate rational
replacement reservations revival roll sensational sensibiliti sing size sized sky skies skis spied spying succeed
tanned tie tied ties triplicate troubled triplicates ugly vietnamization vileness wonderfully yay year yield you
""".split()


def normalize(text):
    text = "".join(ch for ch in text.lower() if ch not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def token_f1(reference, candidate):
    expected, given = normalize(reference).split(), normalize(candidate).split()
    if not expected or not given:
        return float(expected == given)
    same = sum((collections.Counter(expected) & collections.Counter(given)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(given), same / len(expected)
    return 2 * precision * recall / (precision + recall)


def scores(reference, candidate):
    scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rouge3", "rougeL"], use_stemmer=True)
    rouge = scorer.score(reference, candidate)
    return {
        "reference": reference,
        "candidate": candidate,
        "bleu": sacrebleu.sentence_bleu(candidate, [reference]).score,
        "rouge_1_score": rouge["rouge1"].fmeasure,
        "rouge_2_score": rouge["rouge2"].fmeasure,
        "rouge_3_score": rouge["rouge3"].fmeasure,
        "rouge_L_score": rouge["rougeL"].fmeasure,
        "f1": token_f1(reference, candidate),
        "exact_match": int(normalize(reference) == normalize(candidate)),
    }


def corpus(pairs):
    references = [pair[0] for pair in pairs]
    columns = [list(column) for column in zip(*references)]
    return sacrebleu.corpus_bleu([pair[1] for pair in pairs], columns).score


print(
    json.dumps(
        {
            "pairs": [scores(*pair) for pair in PAIRS],
            "corpora": [
                {"pairs": pairs, "bleu": corpus(pairs)}
                for pairs in (
                    [[[reference], candidate] for reference, candidate in PAIRS],
                    [[[reference], candidate] for reference, candidate in PAIRS[5:7]],
                    MANY_REFERENCES,
                )
            ],
            "manyReferences": [
                {"references": references, "candidate": candidate, "bleu": sacrebleu.sentence_bleu(candidate, references).score}
                for references, candidate in MANY_REFERENCES
            ],
            "stems": {word: PorterStemmer().stem(word) for word in WORDS},
        },
        indent=1,
        ensure_ascii=False,
    )
)
