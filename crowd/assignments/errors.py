"""Why a worker gets no task, or an answer is not taken. Each says what happened, why, and what now."""

from django.utils.translation import gettext_lazy as _

from crowd.kernel.errors import BadInput, Conflict, NotAllowed


class NoWork(Conflict):
    """Not a fault of anybody: nothing is free for him at this moment."""

    code = "no_work"
    default = _("There is no task left for you here at the moment. Tasks come back when others return them.")


class ProjectNotOpen(Conflict):
    code = "project_not_open"
    default = _("This project gives out no tasks at the moment.")


class NotEligible(NotAllowed):
    """`unmet` in the data lists what is missing, in words."""

    code = "not_eligible"
    default = _("You do not meet the requirements of this project yet.")


class WorkerStopped(NotAllowed):
    """Blocked, closed, or paused on this project; `reason` in the data. Earnings stay open to him."""

    code = "worker_stopped"
    default = _("You cannot take tasks here. Your earnings are not affected.")


class TermsNotAgreed(NotAllowed):
    """`documents` in the data: those that were changed, or that he never agreed to."""

    code = "terms_not_agreed"
    default = _("The terms or the privacy notice have changed. Read and accept them; then you can go on.")


class GuidelinesUnread(Conflict):
    """`version` and `text` in the data are what is to be read, `read` what he confirmed last, `changes` the lines
    (sign, text) that differ from it. Asked again with `guidelines_read` of that version, a task is given."""

    code = "guidelines_unread"
    default = _("Read the guidelines as they are now, and confirm their version; then you can go on.")


class QuizFull(Conflict):
    code = "quiz_full"
    default = _("This project has no place for new workers left: its paid entry quizzes are used up.")


class TaskTaken(Conflict):
    code = "task_taken"
    default = _("This task cannot be taken: others hold it, it is finished, or you had it before.")


class TasksNotChosen(NotAllowed):
    code = "tasks_not_chosen"
    default = _("In this project tasks are given out and cannot be chosen.")


class QuizFirst(NotAllowed):
    code = "quiz_first"
    default = _("First comes the quiz, whose tasks are given out: ask for the next task.")


class AnswerRefused(BadInput):
    """The answer does not fit the label config; `path` in the data is the place."""

    code = "answer_refused"


class DifferentAnswer(Conflict):
    """`stored` in the data is the answer that stands."""

    code = "different_answer"
    default = _("Another answer of yours was stored for this task before. The stored one stands.")


class EnoughToday(NotAllowed):
    """Of content that was warned of; `minutes` in the data: so many are the most in 24 hours."""

    code = "enough_today"
    default = _("You have looked at enough of this for today.")


class NotHeld(Conflict):
    code = "not_held"
    default = _("You do not hold this task any more.")
