"""The OpenAPI schema, the page that shows it, and what an address that does not exist answers."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from crowd.api.errors import MEDIA_TYPE, problem
from crowd.kernel.errors import NotFound

schema = SpectacularAPIView.as_view()

# Swagger UI writes styles and draws its icons from inside its script; nothing comes from elsewhere.
page = csp_replace(
    {
        "default-src": [NONE],
        "script-src": [SELF, UNSAFE_INLINE],
        "style-src": [SELF, UNSAFE_INLINE],
        "style-src-attr": [UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
    }
)(SpectacularSwaggerView.as_view(url_name="api:schema"))


@csrf_exempt
def nowhere(request: HttpRequest) -> JsonResponse:
    """Problem details also here; and no redirect to the address with a slash, which would lose a POST's body."""
    hint = "" if request.path.endswith("/") else _("Addresses of this API end with a slash.")
    error = NotFound(" ".join(part for part in (_("There is no such address."), hint) if part))
    return JsonResponse(problem(error), status=404, content_type=MEDIA_TYPE)
