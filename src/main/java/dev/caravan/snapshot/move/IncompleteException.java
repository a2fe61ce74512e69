package dev.caravan.snapshot.move;

import dev.caravan.event.Counted;

/** Something of the source could not be taken along. */
public final class IncompleteException extends Exception {
  private static final long serialVersionUID = 1L;

  IncompleteException(Problems problems, boolean mirror) {
    super(
        "%s could not be backed up (the first: %s); %s. %s"
            .formatted(
                Counted.of(problems.count(), "name"),
                problems.first(),
                mirror ? "all others were" : "so the folder has no manifest and is no snapshot",
                problems.foreign() > 0
                    ? "Back each source up to a prefix of its own, none within another's"
                    : "Run as a user that may read all, on a volume that rests while it is read (a"
                        + " snapshot, a clone); or leave such names out: SKIP_UNREADABLE=true"));
  }
}
