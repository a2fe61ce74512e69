package dev.caravan.catalog.check;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.sql.Session;
import dev.caravan.event.StorePath;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Remembers the one damaged file that is being replaced, so that a process that dies in the middle
 * leaves nothing aside that nobody knows of.
 */
public final class MendJournal {

  private static final String NAME = "check_mending";
  private static final Pattern FORM =
      Pattern.compile(
          "([0-9]+) ([0-9a-f]{64}) (-?[0-9]+) (-?[0-9]+) (-?[0-9]+) (.+)", Pattern.DOTALL);

  private final Catalog catalog;

  public MendJournal(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * The version of a file that is damaged.
   *
   * @param number of the names that it and its good copy have meanwhile
   * @param sha256 of what it held before it was damaged
   */
  public record Mending(
      StorePath path, long number, String sha256, long inode, long sizeBytes, long modifiedNs) {}

  /** Records what is about to be replaced; its good copy lies on the disk by now. */
  public void recordBegin(Session session, FileRow damaged, long number) {
    catalog.recordMeta(
        session,
        NAME,
        "%d %s %d %d %d %s"
            .formatted(
                number,
                damaged.sha256().orElseThrow(),
                damaged.inode(),
                damaged.sizeBytes(),
                damaged.modifiedNs(),
                damaged.path().value()));
  }

  /** Records that nothing is under way. */
  public void recordEnd(Session session) {
    catalog.recordMeta(session, NAME, "");
  }

  /** What was being replaced when the process died; it may have been done. */
  public Optional<Mending> find() {
    return catalog
        .findMeta(NAME)
        .map(FORM::matcher)
        .filter(Matcher::matches)
        .map(
            m ->
                new Mending(
                    StorePath.of(m.group(6)),
                    Long.parseLong(m.group(1)),
                    m.group(2),
                    Long.parseLong(m.group(3)),
                    Long.parseLong(m.group(4)),
                    Long.parseLong(m.group(5))));
  }
}
