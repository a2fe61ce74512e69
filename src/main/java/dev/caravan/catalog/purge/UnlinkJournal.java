package dev.caravan.catalog.purge;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.sql.Session;
import dev.caravan.event.StorePath;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Remembers the one file that is being taken off the disk, so that a process that dies in the
 * middle leaves nothing aside that nobody knows of.
 */
public final class UnlinkJournal {

  private static final String NAME = "purge_unlinking";
  private static final Pattern FORM =
      Pattern.compile("(-?[0-9]+) (-?[0-9]+) (-?[0-9]+) (.+)", Pattern.DOTALL);

  private final Catalog catalog;

  public UnlinkJournal(Catalog catalog) {
    this.catalog = catalog;
  }

  /** The version of the file that was to be unlinked. */
  public record Unlinking(StorePath path, long inode, long sizeBytes, long modifiedNs) {}

  /** Records, together with the decision, what is about to be unlinked. */
  public void recordBegin(Session session, FileRow file) {
    catalog.recordMeta(
        session,
        NAME,
        "%d %d %d %s"
            .formatted(file.inode(), file.sizeBytes(), file.modifiedNs(), file.path().value()));
  }

  /** Records that nothing is under way. */
  public void recordEnd(Session session) {
    catalog.recordMeta(session, NAME, "");
  }

  /** What was being unlinked when the process died; it may have been done. */
  public Optional<Unlinking> find() {
    return catalog
        .findMeta(NAME)
        .map(FORM::matcher)
        .filter(Matcher::matches)
        .map(
            m ->
                new Unlinking(
                    StorePath.of(m.group(4)),
                    Long.parseLong(m.group(1)),
                    Long.parseLong(m.group(2)),
                    Long.parseLong(m.group(3))));
  }
}
