from crowd.kernel.admin_site import show
from crowd.talk.models import (
    Announcement,
    Complaint,
    Dismissal,
    Handle,
    Message,
    Mute,
    Post,
    Reply,
    Thread,
    Ticket,
    Topic,
)

show(Thread, "id", "project", "worker", "last_id", "worker_unread", "requester_unread", search=["=project__id"])
# What people write each other is read where reading leaves a trace, not here.
show(Message, "id", "thread", "side", "sent_at", "hidden_at", search=["=thread__id"], hidden=["text"])
show(Mute, "id", "thread", "side", "made_at", "lifted_at", search=["=thread__id"])
show(Complaint, "id", "made_by", "made_at", "handled_by", "handled_at", search=["=made_by__id"], hidden=["text_then"])
show(Ticket, "id", "user", "category", "state", "opened_at", "promised_at", search=["=user__id"], filters=["state"])
show(Reply, "id", "ticket", "by_staff", "sent_at", search=["=ticket__id"], hidden=["text"])
show(Announcement, "id", "audience", "project", "title", "starts_at", "ends_at", "withdrawn_at", search=["title"])
show(Dismissal, "id", "announcement", "user", search=["=announcement__id"])
show(Handle, "id", "worker", "name", "chosen_at", search=["name"])
show(Topic, "id", "worker", "title", "posts", "begun_at", "hidden_at", search=["title"])
show(Post, "id", "topic", "worker", "posted_at", "hidden_at", search=["=topic__id"])
