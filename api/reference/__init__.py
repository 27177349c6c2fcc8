"""What the page about the API loads beside Swagger UI, which a package brings."""
