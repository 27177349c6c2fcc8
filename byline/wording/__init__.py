"""How things are said to people: excerpts, dates, numbers, totals; for every front end."""
