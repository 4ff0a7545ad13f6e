"""What a report on bias is about."""

from dataclasses import dataclass

from crowd.labeling.kinds import Choice, MultiChoice
from crowd.labeling.kinds.rating import Rating

YES, NO = "yes", "no"


@dataclass(frozen=True)
class Subject:
    """The label of a question that has one for an answer, the step of a rating, or of a question with several labels
    whether one of them is chosen."""

    question: Choice | MultiChoice | Rating
    label: str = ""  # of several

    @property
    def names(self) -> list[str]:
        """What an answer can be, in order."""
        if isinstance(self.question, Rating):
            return [str(step) for step in range(self.question.lowest, self.question.highest + 1)]
        return [YES, NO] if self.label else [label.name for label in self.question.labels]

    @property
    def tolerance(self) -> int:
        """Ratings so many steps apart are alike."""
        return self.question.tolerance if isinstance(self.question, Rating) else 0


def subjects_of(question: object) -> list[Subject]:
    """[] for a kind of question that this can not be said of."""
    if isinstance(question, MultiChoice):
        return [Subject(question, label.name) for label in question.labels]
    return [Subject(question)] if isinstance(question, Choice | Rating) else []
