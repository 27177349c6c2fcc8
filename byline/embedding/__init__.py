"""From text to vectors. Importing this imports neither torch nor onnxruntime."""

from byline.embedding.embedder import Cut, Embedder, open_embedder
from byline.embedding.models import DEFAULT_MODEL

__all__ = ["DEFAULT_MODEL", "Cut", "Embedder", "open_embedder"]
