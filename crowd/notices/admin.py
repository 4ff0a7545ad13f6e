from crowd.kernel.admin_site import show
from crowd.notices.models import Letter, Notice, NoticeChoice

show(Notice, "id", "user", "kind", "created_at", "read_at", "mail", search=["=user__id"], filters=["kind"])
show(Letter, "id", "user", "state", "created_at", "tries", "ended_at", search=["=user__id"], filters=["state"])
show(NoticeChoice, "id", "user", "kind", "how", search=["=user__id"])
