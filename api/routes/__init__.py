"""The endpoints below ``/api/v1``, a file a group; each has a ``router``.

Paths stand without the prefix. Handlers are plain functions, so that they run in threads and no
engine is called on the event loop. They take :data:`api.access.Searching` (or ``Writing``,
``Administering``) and see the archive through it alone.
"""
