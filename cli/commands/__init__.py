"""One module a command; each holds ``run``, whose signature is the command's usage."""
