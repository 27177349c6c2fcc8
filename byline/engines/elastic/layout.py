"""How an archive lies on the server: names, analysis, mapping, settings. Pure.

For an archive ``columns``::

    columns                      alias of the index in force: reads go through it
    columns.000001               the articles: one document each, its passages nested
    columns.000001.writing-…     alias of this one index, with a random end: writes go through it
    columns.state                one document: the version, who is writing

The mapping is strict: a field that is not here is refused by the server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from byline.engines.elastic.address import Options
from byline.query.tree import DEFAULT_FIELDS, PROSE_FIELDS, TextField, ValueField
from byline.records import Manifest, ModelIdentity

#: Raised when documents or mapping change so that an older Byline would misread them.
SCHEMA = 2
#: The first with articles' lengths. Earlier ones are read and written as they are.
MEASURED = 2
#: Characters of the longest value of a keyword field, and of the longest word, that the server
#: indexes: Lucene's longest term has 32,766 bytes, and a character has up to four.
LONGEST_TERM = 8191
#: Characters of a stem; the server's tokenizer of white space cuts longer ones.
LONGEST_STEM = 255
#: Passages of one article; the server's own limit is 10,000.
MOST_PASSAGES = 200_000

ALL = "all"
LENGTHS = "lengths"
STATE_ID = "state"

_GENERATION = re.compile(r"\.(\d{6,})$")


def state_index(name: str) -> str:
    return f"{name}.state"


def writing_alias(index: str, token: str) -> str:
    """By which one index is written to, and never another.

    It goes when the index goes, so a request that was held up has nowhere to arrive once the
    archive was built anew. ``token`` is random: an archive made again under the same name has
    other aliases.
    """
    return f"{index}.writing-{token}"


def is_writing_alias(alias: str, index: str) -> bool:
    return alias.startswith(writing_alias(index, ""))


def first_index(name: str) -> str:
    return f"{name}.000001"


def next_index(name: str, taken: Iterable[str]) -> str:
    """``columns.000007`` → ``columns.000008``; the number follows the highest taken."""
    found = (_GENERATION.search(index) for index in taken)
    number = max((int(one[1]) for one in found if one), default=0)
    return f"{name}.{number + 1:06d}"


def is_made_here(index: str, said: Any) -> bool:
    """Whether Byline made this index for an archive, by all that it gives one: a number, its
    own description and an alias to write through. A clone, or what was put back under another
    name, lacks some of it and is somebody's own.

    Args:
        said: the server's description, with mappings and aliases.
    """
    meta = said.get("mappings", {}).get("_meta")
    return (
        _GENERATION.search(index) is not None
        and isinstance(meta, dict)
        and isinstance(meta.get("byline"), dict)
        and any(is_writing_alias(alias, index) for alias in said.get("aliases", {}))
    )


def exact(field: TextField) -> str:
    """Words in exact form, cut by the server."""
    return field.value


def stemmed(field: TextField) -> str:
    """Stems, made by Byline and sent beside the text.

    The server's own stemmer is of another edition of Snowball English than the embedded
    engine's, and changes with the server: "university" would be another word tomorrow.
    """
    return f"{field.value}_stems"


def length(field: TextField | None) -> str:
    """Words of a field; without one, of :data:`ALL`. Where there are none it is left out."""
    return f"{LENGTHS}.{ALL if field is None else field.value}"


def spelled(field: ValueField) -> str:
    """Whole values as written: what facets count."""
    return f"{field.value}.value"


def folded(field: ValueField) -> str:
    """Whole values with case and accents folded: what filters compare with."""
    return f"{field.value}_folded"


#: Gives the tokens that :mod:`byline.analysis` gives in exact form; a test compares them over
#: real text.
ANALYSIS: dict[str, Any] = {
    "tokenizer": {"words": {"type": "standard", "max_token_length": LONGEST_TERM}},
    "analyzer": {
        "exact": {
            "type": "custom",
            "tokenizer": "words",
            "filter": ["lowercase", "asciifolding"],
        },
    },
}

_VECTOR_INDEX = {"int8": "int8_hnsw", "hnsw": "hnsw", "bbq": "bbq_hnsw"}
#: Made from the rest of a document and not stored with it.
DERIVED = ["words", LENGTHS, *(stemmed(field) for field in (*PROSE_FIELDS, TextField.AUTHOR))]
#: Positions are kept where phrases are sought, in the exact form alone.
_EXACT: dict[str, Any] = {"type": "text", "analyzer": "exact"}
_STEMS: dict[str, Any] = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
_KEPT: dict[str, Any] = {"type": "keyword", "index": False, "doc_values": False}
_COUNTED: dict[str, Any] = {"type": "keyword", "index": False}


def settings(options: Options) -> dict[str, Any]:
    """Nothing refreshes the index but a commit, so that a batch becomes visible as a whole."""
    replicas: dict[str, Any] = (
        {"auto_expand_replicas": "0-1"}
        if options.replicas == "auto"
        else {"number_of_replicas": int(options.replicas)}
    )
    return {
        "number_of_shards": options.shards,
        **replicas,
        "refresh_interval": "-1",
        "gc_deletes": "1h",
        "mapping": {"nested_objects": {"limit": MOST_PASSAGES}},
        "analysis": ANALYSIS,
    }


def mapping(manifest: Manifest, options: Options) -> dict[str, Any]:
    """``_meta`` holds the manifest: the stored form's version and the model's identity."""
    passage: dict[str, Any] = {
        "start": {"type": "integer", "index": False, "doc_values": False},
        "end": {"type": "integer", "index": False, "doc_values": False},
    }
    if manifest.model is not None:
        passage["vector"] = {
            "type": "dense_vector",
            "dims": manifest.model.dimension,
            # Half-precision vectors are of unit length within their precision alone, which
            # `dot_product` refuses; this is the same product without the demand.
            "similarity": "max_inner_product",
            "index_options": {"type": _VECTOR_INDEX[options.vectors]},
        }
    names = [ALL, *(field.value for field in DEFAULT_FIELDS)]
    measured = {"properties": {name: {"type": "integer", "index": False} for name in names}}
    lengths = {LENGTHS: measured} if manifest.schema >= MEASURED else {}
    return {
        "dynamic": "strict",
        "_meta": meta(manifest, options),
        "properties": {
            "id": {"type": "keyword"},
            **{exact(field): _EXACT for field in PROSE_FIELDS},
            **{stemmed(field): {**_STEMS, "copy_to": ALL} for field in PROSE_FIELDS},
            stemmed(TextField.AUTHOR): {"type": "text", "index": False, "copy_to": ALL},
            ALL: _STEMS,
            **lengths,
            **{field.value: _value() for field in ValueField},
            **{folded(field): _folded() for field in ValueField},
            "words": {**_COUNTED, "ignore_above": LONGEST_TERM},
            "date": _KEPT,
            "date_key": {"type": "long", "index": False},
            "year": _COUNTED,
            "month": _COUNTED,
            "day": _COUNTED,
            "first_day": {"type": "integer"},
            "last_day": {"type": "integer"},
            "minutes": {"type": "long", "index": False},
            "url": _KEPT,
            "origins": {
                "properties": {
                    "source": {"type": "keyword", "ignore_above": LONGEST_TERM},
                    "record": _KEPT,
                    "sha256": _KEPT,
                    "fetched_at": _KEPT,
                }
            },
            "fingerprint": {"type": "keyword"},
            "commit": {"type": "long"},
            "passage_count": {"type": "integer", "index": False},
            "passages": {"type": "nested", "properties": passage},
            "vectors": {"type": "binary"},
            "sentences": {"type": "binary"},
            "sentence_codes": {"type": "binary"},
            "original": {"type": "binary"},
        },
        "_source": {"excludes": DERIVED},
    }


def _value() -> dict[str, Any]:
    whole = {"type": "keyword", "ignore_above": LONGEST_TERM}
    return {**_EXACT, "fields": {"value": whole}}


def _folded() -> dict[str, Any]:
    return {"type": "keyword", "doc_values": False, "ignore_above": LONGEST_TERM}


def state_settings(options: Options) -> dict[str, Any]:
    replicas = settings(options)
    kept = ("number_of_replicas", "auto_expand_replicas")
    return {
        "number_of_shards": 1,
        "refresh_interval": "-1",
        **{name: value for name, value in replicas.items() if name in kept},
    }


#: ``reserved`` runs ahead of ``version`` while a commit is under way.
STATE_MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "properties": {
        "version": {"type": "long"},
        "reserved": {"type": "long"},
        "writer": {
            "properties": {
                name: {"type": "keyword", "index": False, "doc_values": False}
                for name in ("token", "host", "since", "until", "boot")
            }
            | {"process": {"type": "long", "index": False, "doc_values": False}}
        },
    },
}


def meta(manifest: Manifest, options: Options) -> dict[str, Any]:
    """What tells an archive from an index that something else made."""
    model = None if manifest.model is None else asdict(manifest.model)
    return {
        "byline": {
            "schema": manifest.schema,
            "created": manifest.created,
            "version": manifest.byline,
            "model": model,
            "vectors": options.vectors,
            "oversample": options.oversample,
            "extra": dict(manifest.extra),
        }
    }


def read_meta(found: Any) -> Manifest | None:
    """The manifest in ``_meta``, or ``None`` where Byline wrote none.

    Raises:
        KeyError, TypeError, ValueError: it was made by Byline and does not hold what it should.
    """
    if not isinstance(found, dict) or not isinstance(found.get("byline"), dict):
        return None
    said = found["byline"]
    model = None if said["model"] is None else ModelIdentity(**said["model"])
    return Manifest(
        int(said["schema"]), said["created"], said["version"], model, dict(said["extra"])
    )
