"""The web API over :mod:`byline`; :func:`api.app.create_app` makes it."""
