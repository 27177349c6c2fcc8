"""The page for people: templates, what they load, and the routes at ``/``."""
