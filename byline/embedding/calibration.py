"""How near is near? The floor of a model, from pairs of texts that have nothing in common.

Cosines of unrelated texts lie around 0.05 for one model and around 0.6 for another, so a floor
must be the model's own. The questions and statements below, written for this purpose, are on
as many different matters; all pairs of a question and another matter's statement are unrelated.
The floor stands :data:`~byline.records.FLOOR_DEVIATIONS` standard deviations above their mean.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from byline.records import FLOOR_DEVIATIONS, Nearness

QUESTIONS = (
    "should rents be capped by law",
    "school lunches free for every child",
    "the case against daylight saving time",
    "why rivers flood more often",
    "jury trials and their cost",
    "sugar tax and obesity",
    "is the national theatre worth its subsidy",
    "wolves returning to the mountains",
    "cash is disappearing from shops",
    "women in the orchestra",
    "the decline of local newspapers",
    "nuclear power and its waste",
    "how children learn to read",
    "prison sentences for petty theft",
    "fishing quotas and empty nets",
    "the monarchy in modern times",
    "doctors leaving for other countries",
    "bicycle lanes in old towns",
    "who owns the moon",
    "translating poetry",
)

STATEMENTS = (
    "A ceiling on what landlords may ask would empty the market of flats within two years.",
    "Hungry pupils learn little, and a plate of soup at noon costs less than a remedial class.",
    "Twice a year we move the hands of our watches for reasons that nobody remembers.",
    "Upstream the meadows were drained and paved, and the water now arrives all at once.",
    "Twelve citizens deciding on a stranger's guilt remain the best school of justice we have.",
    "Since the levy on soft drinks, the makers have quietly changed their recipes.",
    "A stage that sells every ticket needs no grant, and one that sells none deserves none.",
    "The shepherd counts his ewes each morning and finds one fewer.",
    "The baker on our corner takes only cards, and the old men have stopped coming in.",
    "Behind the screen at auditions, the committee heard only the bow and the breath.",
    "When the last reporter left the town hall, the council stopped publishing its minutes.",
    "Spent fuel will outlive every language in which we might write the warning.",
    "Letters first, then sounds, then whole words: the quarrel among teachers is a century old.",
    "He took a bicycle and lost three years; the court called that a deterrent.",
    "The boats stay tied up, for the permitted catch was landed by March.",
    "A hereditary head of state is absurd, and has the merit that everyone knows it.",
    "We train nurses at great expense and other nations thank us by hiring them.",
    "Painting a white line on a medieval street makes no room that was not there.",
    "No treaty foresaw that companies, rather than nations, would plant the flag.",
    "What is lost is the music; what remains is the meaning, which was never the point.",
)


def nearness(questions: npt.NDArray[np.float32], statements: npt.NDArray[np.float32]) -> Nearness:
    """From which cosine on a text is near, by how near unrelated texts are.

    Args:
        questions, statements: float32 ``[20, dimension]``, unit length, in the order above.
    """
    cosines = questions @ statements.T
    unrelated = cosines[~np.eye(len(cosines), dtype=bool)]
    spread = float(unrelated.std())
    return Nearness(round(float(unrelated.mean()) + FLOOR_DEVIATIONS * spread, 4), round(spread, 4))
