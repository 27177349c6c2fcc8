"use strict";
window.SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#api",
  deepLinking: true,
  displayRequestDuration: true,
  // Nothing is sent to another host, not even to have the document judged.
  validatorUrl: null,
});
