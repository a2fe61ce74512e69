package dev.caravan.snapshot.move;

import dev.caravan.event.StorePath;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What could not be taken along, one line in the log each as far as that is of use. What lies at or
 * below such a name is unknown, and never taken for deleted.
 */
final class Problems {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");
  private static final int TOLD_MAX = 50;
  private static final int REMEMBERED_MAX = 5_000;

  private final List<StorePath> paths = new ArrayList<>();
  private long count;
  private long odd;
  private long foreign;
  private String first = "";

  /** A name that cannot be read or sent. */
  synchronized void note(StorePath path, String cause) {
    count++;
    if (first.isEmpty()) {
      first = shown(path) + ": " + shown(cause);
    }
    if (paths.size() < REMEMBERED_MAX) {
      paths.add(path);
    }
    if (count <= TOLD_MAX) {
      LOG.warn("{}: {}", shown(path), shown(cause));
    } else if (count == TOLD_MAX + 1) {
      LOG.warn("... and more like these; they are counted, and not told one by one");
    }
  }

  /** A name whose key belongs to the backups of another source; nobody can agree to that. */
  synchronized void noteForeign(StorePath path, String cause) {
    foreign++;
    note(path, cause);
  }

  /** A socket, pipe or device: it has no content, and nothing is missing without it. */
  synchronized void noteOdd(StorePath path) {
    odd++;
    if (odd <= TOLD_MAX) {
      LOG.info("{} is a socket, pipe or device: left out", shown(path));
    }
  }

  /** True when what lies at this path may only seem to be gone. */
  synchronized boolean mayHide(StorePath path) {
    return count > REMEMBERED_MAX || paths.stream().anyMatch(p -> path.isWithin(p.value()));
  }

  synchronized long count() {
    return count;
  }

  /** Of {@link #count}, what was noted as another source's. */
  synchronized long foreign() {
    return foreign;
  }

  synchronized long odd() {
    return odd;
  }

  /** The first of them, in a line; {@code ""} when there is none. */
  synchronized String first() {
    return first;
  }

  private static String shown(StorePath path) {
    return shown(path.value());
  }

  /** What the system says of a file holds its name, which may have line ends in it. */
  private static String shown(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
