package dev.caravan.snapshot.move;

import dev.caravan.event.Counted;

/** Something of the source could not be taken along. */
public final class IncompleteException extends Exception {
  private static final long serialVersionUID = 1L;

  IncompleteException(long count, String first, boolean mirror) {
    super(
        ("%s could not be backed up (the first: %s); %s. Run as a user that may read them, or"
                + " leave them out with SKIP_UNREADABLE=true")
            .formatted(
                Counted.of(count, "name"),
                first,
                mirror ? "all others were" : "so the folder has no manifest and is no snapshot"));
  }
}
