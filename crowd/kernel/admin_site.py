"""Django's admin, for looking only: what is to change is changed by a service, with its checks and its record."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from crowd.kernel import second_factor

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Model]
else:
    ModelAdmin = admin.ModelAdmin

LOOKING = ("GET", "HEAD", "OPTIONS")


class ReadOnlyAdmin(ModelAdmin):
    """Staff may look at every row; nobody adds, changes or deletes one. `exclude` keeps secrets out of the page."""

    actions = None
    list_per_page = 50
    show_full_result_count = False  # counting a big table takes long

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_staff(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_staff(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlySite(admin.AdminSite):
    """Shows only what is registered as read-only, answers only to looking, and signs nobody in by itself.

    The last because its own form knows neither second factors nor the limit on attempts.
    """

    def register(
        self, model_or_iterable: Any, admin_class: "type[admin.ModelAdmin[Any]] | None" = None, **options: Any
    ) -> None:
        """Libraries register their tables too, open for changes; those are left out."""
        if admin_class is not None and issubclass(admin_class, ReadOnlyAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return is_staff(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)
        if view == self.logout:  # the only thing to be done here
            return guarded

        def looking_only(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.method not in LOOKING:
                return HttpResponseNotAllowed(LOOKING)
            return guarded(request, *args, **kwargs)

        return looking_only

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("account_login"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return HttpResponseRedirect(reverse("account_change_password"))


def is_staff(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_staff and not second_factor.is_missing(request.user)


def show(
    model: type[Model],
    *columns: str,
    search: Iterable[str] = (),
    filters: Iterable[str] = (),
    hidden: Iterable[str] = (),
) -> None:
    """Put a table into the admin. `hidden` fields (secrets, digests, encrypted values) appear nowhere."""
    fields = {field.name: field for field in model._meta.get_fields()}
    related = [name for name in columns if name in fields and fields[name].is_relation]
    options = {
        "list_display": columns,
        "list_select_related": related or False,
        "search_fields": tuple(search),
        "list_filter": tuple(filters),
        "exclude": tuple(hidden),
        "ordering": ("-pk",),
    }
    admin.site.register(model, type(f"{model.__name__}Admin", (ReadOnlyAdmin,), options))
