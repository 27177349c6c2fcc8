"""Other search engines, doing the same work with the same passages and vectors."""
