"""Templates, and what every page is given."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.web.asked import Asked
from api.web.results import ModeChoice
from api.web.site import Site
from byline.wording.numbers import counted

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> Environment:
    """Whatever a template is given is escaped, unless it is ``Markup``: that is made in
    :mod:`api.web.markup` alone, from escaped text."""
    # Imported here: a server answers sooner after its start, and one for programs does without.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("api.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["counted"] = counted
    return environment


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    asked: Asked | None = None,
    modes: tuple[ModeChoice, ...] = (),
    **values: Any,
) -> HTMLResponse:
    """A rendered template.

    Args:
        asked: what stands in the page's search box, empty where ``None``.
        modes: what can be chosen beside it.
    """
    site = Site.of(request)
    text = (
        _environment()
        .get_template(template)
        .render(site=site, asked=asked or Asked(), modes=modes, **values)
    )
    return HTMLResponse(text, status)


def xml(request: Request, template: str, media_type: str, **values: Any) -> HTMLResponse:
    text = _environment().get_template(template).render(site=Site.of(request), **values)
    return HTMLResponse(text, media_type=media_type)
