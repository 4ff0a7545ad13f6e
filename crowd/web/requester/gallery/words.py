"""What the ready questions are called: title, and what they are good for. Names of labels stay English: they go into
the results."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = tuple[str | Promise, str | Promise]

WORDS: Mapping[str, Words] = {
    "sentiment": (_("Sentiment of a text"), _("Positive, neutral or negative.")),
    "categories": (_("One of several categories"), _("Exactly one label from a list of your own.")),
    "yes-no": (_("Yes or no"), _("Is it so? The quickest question there is.")),
    "topics": (_("Topics of a text"), _("All topics that it is about.")),
    "intent": (_("Intent in a chat"), _("What does the customer want?")),
    "chat-answer": (_("An answer in a chat"), _("How well does it help, and which words are wrong?")),
    "article": (
        _("Article with headings and tables"),
        _("Markdown, shown as it is meant: is it clear?"),
    ),
    "entities": (_("Names in a text"), _("People, places, organisations: marked where they stand.")),
    "relations": (_("Relations in a text"), _("Names, and who has to do with whom.")),
    "summary": (_("Summary"), _("The text in one or two sentences.")),
    "translation": (_("Translation"), _("The same in another language.")),
    "answer": (_("Answers from a text"), _("Does the text answer the question, and how?")),
    "rating": (_("Rating"), _("A number on a scale with words at its ends.")),
    "moderation": (_("Moderation"), _("May this stay, and if not, why?")),
    "digits": (_("Digits"), _("Which digit does the picture show?")),
    "tags": (_("Any number of tags"), _("All labels that apply, or none.")),
    "boxes": (_("Boxes around things"), _("Are there any, and where?")),
    "rotated-boxes": (_("Rotated boxes"), _("Boxes along things that lie at an angle, as from the air.")),
    "ocr": (_("Text in pictures"), _("A box around each line, and what it says.")),
    "polygons": (_("Outlines"), _("Polygons around things of any form.")),
    "polylines": (_("Lines"), _("Lanes, edges, cracks: followed point by point.")),
    "points": (_("Points"), _("One click on each thing.")),
    "keypoints": (_("Keypoints"), _("The joints of a body, with a skeleton of your own.")),
    "ellipses": (_("Ellipses"), _("Around cells, eyes, wheels.")),
    "masks": (_("Masks"), _("Pixels painted with a brush.")),
    "pictures-same": (_("Two pictures: the same?"), _("Side by side, zoomed together.")),
    "pictures-better": (_("Two pictures: which is better?"), _("Side by side, zoomed together, with reasons.")),
    "count": (_("Counting"), _("How many are there?")),
    "typing": (_("Typing what is written"), _("The whole text of a picture.")),
    "sound": (_("Sounds"), _("What is heard: one of several.")),
    "speakers": (_("Who speaks when"), _("Segments with a speaker, and what is said in each.")),
    "transcription": (_("Transcription"), _("Every word that is said, merged word by word.")),
    "film": (_("What happens in a film"), _("One question about the whole.")),
    "tracks": (_("Things that move"), _("Boxes through a film, set at keyframes.")),
    "actions": (_("Actions in a film"), _("What is done from when to when.")),
    "score": (_("Score of a record"), _("How good each row is, from 0 to 10.")),
    "flags": (_("Flags on cells"), _("Which cells of a row are wrong or missing.")),
    "corrections": (_("Corrected values"), _("Each cell put right, within its type and bounds.")),
    "same": (_("The same thing twice?"), _("Do two records describe one thing?")),
    "anomaly": (_("Anomalies"), _("Is there anything odd, and what?")),
    "taxonomy": (_("One label of a large tree"), _("Products, diseases, entries of a database: found by searching.")),
    "relevance": (_("Relevance of a search result"), _("How well does the result fit the query?")),
    "pairwise": (_("Which of two"), _("The better one, or a tie.")),
    "model-outputs": (_("Answers of models"), _("Two answers side by side: which is better, and why.")),
    "ranking": (_("Ranking"), _("Several things in order, the best first.")),
    "best-worst": (_("Best and worst"), _("Of several things the two ends: quicker than a ranking.")),
    "sensor": (_("Events in measurements"), _("Segments on the channels of a sensor.")),
    "writing": (_("Writing from a prompt"), _("A new text for each prompt.")),
    "own-words": (_("Texts with a licence"), _("Written for a prompt, with the writer's consent to its use.")),
    "photos": (_("Photos"), _("Taken or chosen by workers, with their consent and a licence.")),
    "speech": (_("Recorded speech"), _("Spoken for you, with the speaker's consent and a licence.")),
}

GUIDELINES: Mapping[str, str | Promise] = {
    "sentiment": _("Judge what the writer feels, not what you feel. If praise and blame balance, choose neutral."),
    "transcription": _("Write every word as it is said. Mark what you cannot understand with [?]."),
}
