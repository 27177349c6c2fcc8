"""Results in other sites: the custom elements' script, the frame, and oEmbed."""
