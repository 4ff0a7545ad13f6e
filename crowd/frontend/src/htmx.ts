// Parts of pages that fetch themselves. Configured by the meta element in base.html: no eval, no inline styles.
import htmx from "htmx.org";

(window as unknown as { htmx: typeof htmx }).htmx = htmx;
