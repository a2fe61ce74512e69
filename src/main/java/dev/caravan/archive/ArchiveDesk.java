package dev.caravan.archive;

import dev.caravan.archive.ArchiveRefusal.Reason;
import dev.caravan.archive.carry.RemotePath;
import dev.caravan.archive.queue.QueueChanges;
import dev.caravan.archive.queue.QueueChanges.NewFile;
import dev.caravan.archive.queue.QueueFile;
import dev.caravan.archive.queue.QueueRow;
import dev.caravan.archive.queue.QueueRow.State;
import dev.caravan.archive.queue.QueueTable;
import dev.caravan.archive.queue.Tally;
import dev.caravan.catalog.sql.Session;
import dev.caravan.config.ArchiveSettings;
import dev.caravan.config.ArchiveSettings.FinalizeIncomplete;
import dev.caravan.event.PathNames;
import dev.caravan.store.FileStat;
import dev.caravan.store.single.LocalFile;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What people and producers do with one archive's queue, with or without a daemon: whoever changes
 * the database does it beside everybody else.
 */
public final class ArchiveDesk implements AutoCloseable {

  private static final int PAGE = 1_000;
  private static final List<State> FAILED = List.of(State.DEAD, State.FAILING);

  private final ArchiveSettings settings;
  private final QueueFile file;
  private final QueueTable queue;
  private final Tally tally;
  private final Clock clock;

  private ArchiveDesk(ArchiveSettings settings, QueueFile file, Clock clock) {
    this.settings = settings;
    this.file = file;
    this.queue = new QueueTable(file, settings.name());
    this.tally =
        new Tally(
            file,
            settings.name(),
            settings.maxCopyAttempts(),
            settings.finalizeIncomplete() == FinalizeIncomplete.ANNOUNCE);
    this.clock = clock;
  }

  /**
   * Opens the archive's database; makes it where it is missing.
   *
   * @throws IOException when it cannot be used
   */
  public static ArchiveDesk open(ArchiveSettings settings, Clock clock) throws IOException {
    return new ArchiveDesk(settings, QueueFile.open(settings.dbPath()), clock);
  }

  public ArchiveSettings settings() {
    return settings;
  }

  QueueFile file() {
    return file;
  }

  /** How the archive stands, file by file in the database. */
  public ArchiveViews views() {
    return new ArchiveViews(settings, file, queue, tally, clock);
  }

  /**
   * A file to register.
   *
   * @param localPath absolute, in text form
   * @param remotePath below the base
   * @param timestamp in seconds since 1970; now when it is left out
   * @param md5 of the content; read from the file when it is left out
   */
  public record Wish(
      String localPath,
      String remotePath,
      OptionalDouble timestamp,
      Optional<String> md5,
      boolean deletable) {}

  /**
   * A file that is registered.
   *
   * @param isNew false when exactly this was registered before
   */
  public record Added(QueueRow row, boolean isNew) {}

  /** Registers a file. */
  public Added add(Wish wish) throws ArchiveRefusal {
    NewFile made = checked(wish);
    Object[] conflict = new Object[1];
    long[] id = new long[1];
    boolean isNew =
        file.write(
            session -> {
              for (QueueRow other : queue.listAtRemote(session, made.remotePath())) {
                boolean same = other.localMd5().equals(made.localMd5());
                // What lies there verified is not overwritten, whoever ignores it.
                if (!same && (!other.ignored() || other.isCopied())) {
                  conflict[0] = other.id();
                } else if (same
                    && other.localPath().equals(made.localPath())
                    && other.removed().isEmpty()) {
                  id[0] = other.id();
                  return false;
                }
              }
              if (conflict[0] == null) {
                id[0] = QueueChanges.insert(session, made);
              }
              return true;
            });
    tally.forget();
    if (conflict[0] != null && isNew) {
      throw new ArchiveRefusal(
          Reason.CONFLICT,
          "File %s of archive '%s' is registered at %s with other content"
              .formatted(conflict[0], settings.name(), Archive.shown(made.remotePath())));
    }
    return new Added(queue.find(id[0]).orElseThrow(), isNew);
  }

  private NewFile checked(Wish wish) throws ArchiveRefusal {
    try {
      String remote = RemotePath.plain(wish.remotePath());
      // Both must be names of something: this is where that shows.
      PathNames.bytesOf(remote);
      Path path = LocalPaths.of(wish.localPath());
      Optional<String> md5 = wish.md5();
      if (md5.filter(text -> !text.matches("[0-9a-f]{32}")).isPresent()) {
        throw new ArchiveRefusal(Reason.INVALID, "local_md5sum is not 32 hex digits in lower case");
      }
      double at = wish.timestamp().orElse(clock.millis() / 1000.0);
      return new NewFile(
          PathNames.textOf(path),
          md5.isPresent() ? md5.get() : md5Of(path),
          settings.name(),
          remote,
          at,
          wish.deletable());
    } catch (InvalidPathException e) {
      throw new ArchiveRefusal(Reason.INVALID, "A path cannot be: " + e.getReason());
    } catch (IllegalArgumentException e) {
      throw new ArchiveRefusal(Reason.INVALID, String.valueOf(e.getMessage()));
    }
  }

  private String md5Of(Path path) throws ArchiveRefusal {
    try {
      LocalFile local = new LocalFile(path, clock);
      Optional<FileStat> seen = local.look();
      if (seen.isEmpty()) {
        throw new ArchiveRefusal(
            Reason.INVALID, "The local file %s is not there".formatted(Archive.shown("" + path)));
      }
      return local.md5(seen.get());
    } catch (IOException e) {
      throw new ArchiveRefusal(Reason.INVALID, "The local file cannot be read: " + e.getMessage());
    }
  }

  /** Which files an operator means. */
  public sealed interface Choice {
    /** The one with this id. */
    record Id(long id) implements Choice {}

    /** All that are, or were, registered at this place. */
    record Remote(String path) implements Choice {}

    /** All that were given up or failed; all that are ignored, when it is about taking them in. */
    record AllFailed() implements Choice {}
  }

  /** Has files tried again that failed or were given up; answers with how many. */
  public int retry(Choice choice) throws ArchiveRefusal {
    return change(
        choice, FAILED, (session, id) -> QueueChanges.recordRetry(session, id, settings.name()));
  }

  /** Leaves files out, or takes them in again; answers with how many. */
  public int ignore(Choice choice, boolean ignored) throws ArchiveRefusal {
    return change(
        choice,
        ignored ? FAILED : List.of(State.IGNORED),
        (session, id) -> QueueChanges.recordIgnored(session, id, settings.name(), ignored));
  }

  private interface Change {
    boolean make(Session session, long id);
  }

  private int change(Choice choice, List<State> all, Change change) throws ArchiveRefusal {
    List<Long> ids = ids(choice, all);
    if (ids.isEmpty() && !(choice instanceof Choice.AllFailed)) {
      throw new ArchiveRefusal(
          Reason.UNKNOWN, "Archive '%s' has no such file".formatted(settings.name()));
    }
    int changed = 0;
    for (int from = 0; from < ids.size(); from += PAGE) {
      List<Long> some = ids.subList(from, Math.min(ids.size(), from + PAGE));
      changed +=
          file.write(
              session -> {
                int count = 0;
                for (long id : some) {
                  count += change.make(session, id) ? 1 : 0;
                }
                return count;
              });
    }
    tally.forget();
    return changed;
  }

  private List<Long> ids(Choice choice, List<State> all) {
    if (choice instanceof Choice.Id one) {
      return queue.find(one.id()).map(row -> List.of(row.id())).orElse(List.of());
    }
    if (choice instanceof Choice.Remote place) {
      return file.read(session -> queue.listAtRemote(session, place.path())).stream()
          .map(QueueRow::id)
          .toList();
    }
    List<Long> ids = new ArrayList<>();
    for (State state : all) {
      long after = 0;
      List<QueueRow> page;
      do {
        page = queue.list(Optional.of(state), settings.maxCopyAttempts(), after, PAGE);
        page.forEach(row -> ids.add(row.id()));
        after = page.isEmpty() ? after : page.get(page.size() - 1).id();
      } while (page.size() == PAGE);
    }
    return ids;
  }

  /** True when a file is registered from this path, in whatever archive. */
  public boolean isKnown(String localPath) {
    return !queue.listAtLocal(localPath).isEmpty();
  }

  /** True when a file at this path is on record and was not deleted since. */
  boolean isThere(String localPath) {
    return queue.listAtLocal(localPath).stream().anyMatch(row -> row.removed().isEmpty());
  }

  @Override
  public void close() {
    tally.close();
    file.close();
  }
}
