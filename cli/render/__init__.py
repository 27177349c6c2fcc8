"""What people see: answers, articles, charts and tables as text for a terminal."""
