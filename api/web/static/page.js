// Everything here works without scripts too; these make it quicker.
import "./loading.js";
import "./switch.js";
import "./keys.js";
import "./suggest.js";
import "./timeline.js";
import "./reading.js";
