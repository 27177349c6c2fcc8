"""Where everything is: the one place that writes this site's addresses.

``root`` is what a proxy put before our paths (ASGI's ``root_path``), ``origin`` the scheme and
host that the browser asked, for what must be absolute (OpenSearch, citations).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request

from api.web.asked import Asked
from api.web.assets import VERSION
from byline.records import Span

API = "/api/v1"
#: Words of a passage that name it in an address: all of a short one, else so many of each end.
_NAMED_WHOLE = 12
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Site:
    root: str
    origin: str

    @classmethod
    def of(cls, request: Request) -> Site:
        root = request.scope.get("root_path", "").rstrip("/")
        return cls(root, f"{request.url.scheme}://{request.url.netloc}")

    @property
    def home(self) -> str:
        return f"{self.root}/"

    @property
    def help(self) -> str:
        return f"{self.root}/help"

    def static(self, name: str) -> str:
        return f"{self.root}/static/{VERSION}/{name}"

    def path(self, path: str) -> str:
        return f"{self.root}{path}"

    def search(self, asked: Asked) -> str:
        return _with(f"{self.root}/search", asked.parameters())

    def article(self, article_id: str, asked: Asked | None = None) -> str:
        """The reading page as others are told of it: with the query's highlights, no more."""
        return self._of_id("article", article_id, asked.reading_parameters() if asked else [])

    def reading(self, article_id: str, asked: Asked, at: Span | None = None) -> str:
        """The reading page as it is come to from a search, which it leads back to, at a passage.

        The whole search stands in the address: without scripts nothing else would remember it.
        """
        parameters = _whole(asked)
        if at is None:
            return self._of_id("article", article_id, parameters)
        place = f"{at.start}-{at.end}"
        return f"{self._of_id('article', article_id, [*parameters, ('p', place)])}#p-{place}"

    def similar(self, article_id: str, asked: Asked) -> str:
        return self._of_id("similar", article_id, _whole(asked))

    def cite(self, article_id: str, form: str) -> str:
        return self._of_id("cite", article_id, [("format", form)])

    def author(self, name: str, page: int = 1) -> str:
        return self._of_id("author", name, [("page", str(page))] if page > 1 else [])

    def feed(self, asked: Asked, form: str) -> str:
        return _with(f"{self.root}{API}/feed.{form}", asked.api_parameters(sort=False))

    def export(self, asked: Asked, form: str) -> str:
        return _with(f"{self.root}{API}/export", [("format", form), *asked.api_parameters()])

    def oembed(self, address: str) -> str:
        """What tells other sites how to embed a page of ours."""
        return _with(f"{self.origin}{self.root}/oembed", [("url", self.origin + address)])

    def _of_id(self, page: str, name: str, parameters: Iterable[tuple[str, str]] = ()) -> str:
        """In the path where browsers and proxies leave it as it is, else as a parameter."""
        if any(part in ("", ".", "..") for part in name.split("/")):
            return _with(f"{self.root}/{page}", [("name", name), *parameters])
        return _with(f"{self.root}/{page}/{quote(name)}", parameters)


def _whole(asked: Asked) -> list[tuple[str, str]]:
    return asked.parameters() if asked.anything else []


def _with(path: str, parameters: Iterable[tuple[str, str]]) -> str:
    query = urlencode(list(parameters))
    return f"{path}?{query}" if query else path


def web_address(url: str | None) -> str | None:
    """``url`` if it leads to a page of the web; a ``javascript:`` URL leads nowhere."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme.lower() in ("http", "https") and parts.netloc else None


def text_fragment(url: str, text: str) -> str:
    """``url`` at the place where ``text`` stands (``#:~:text=``), as browsers find it.

    Long texts are named by their beginning and their end:
    https://wicg.github.io/scroll-to-text-fragment/#syntax
    """
    words = text.split()
    if not words:
        return url
    ends = [words] if len(words) <= _NAMED_WHOLE else [words[:_NAMED], words[-_NAMED:]]
    # A hyphen would be read as the mark of a prefix or a suffix.
    named = ",".join(quote(" ".join(end), safe="").replace("-", "%2D") for end in ends)
    return f"{url}{':~:' if '#' in url else '#:~:'}text={named}"
