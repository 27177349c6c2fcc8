"""How good is the ranking? Judged queries, measures, and comparing modes.

:mod:`.judged` reads judged sets, :mod:`.runs` asks an archive each query in each mode,
:mod:`.measures` scores what came back, :mod:`.comparison` compares the modes with keyword search,
:mod:`.judging` keeps new judgments. The same over every engine.
"""
