package dev.caravan.archive;

import dev.caravan.archive.queue.ArchiveStats;
import dev.caravan.archive.queue.QueueFile;
import dev.caravan.archive.queue.QueueRow;
import dev.caravan.archive.queue.QueueRow.State;
import dev.caravan.archive.queue.QueueTable;
import dev.caravan.archive.queue.Tally;
import dev.caravan.archive.queue.TimecodeTable;
import dev.caravan.config.ArchiveSettings;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** An archive in the shapes of the API; times are seconds since 1970, as SupRsync keeps them. */
public final class ArchiveViews {

  private final ArchiveSettings settings;
  private final QueueFile file;
  private final QueueTable queue;
  private final Tally tally;
  private final Clock clock;

  ArchiveViews(
      ArchiveSettings settings, QueueFile file, QueueTable queue, Tally tally, Clock clock) {
    this.settings = settings;
    this.file = file;
    this.queue = queue;
    this.tally = tally;
    this.clock = clock;
  }

  /** How it stands as a whole. */
  public Map<String, @Nullable Object> archive() {
    ArchiveStats stats = stats();
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("name", settings.name());
    view.put("db_path", settings.dbPath().toString());
    view.put("remote", settings.remote().orElse(null));
    view.put("ssh_host", settings.sshHost().orElse(null));
    view.put("remote_basedir", settings.remoteBasedir());
    view.put("finalized_until", stats.finalizedUntil());
    view.put("num_files", stats.numFiles());
    view.put("uncopied_files", stats.uncopiedFiles());
    view.put("last_file_added", stats.lastFileAdded().orElse(null));
    view.put("last_file_copied", stats.lastFileCopied().orElse(null));
    Map<String, Long> states = new LinkedHashMap<>();
    stats.states().forEach((state, files) -> states.put(state.label(), files));
    view.put("states", states);
    return view;
  }

  ArchiveStats stats() {
    return tally.read(clock.millis() / 1000.0);
  }

  /** A page of its files. */
  public List<Map<String, @Nullable Object>> files(Optional<State> state, long after, int limit) {
    List<Map<String, @Nullable Object>> views = new ArrayList<>();
    queue
        .list(state, settings.maxCopyAttempts(), after, limit)
        .forEach(row -> views.add(file(row)));
    return views;
  }

  /** The files that are copied next, were there nothing in the way. */
  public List<Map<String, @Nullable Object>> next() {
    List<Map<String, @Nullable Object>> views = new ArrayList<>();
    queue
        .listCopyable(settings.maxCopyAttempts(), Double.MAX_VALUE, settings.filesPerBatch())
        .forEach(row -> views.add(file(row)));
    return views;
  }

  /** Every row of this local path, in whatever archive of the same database. */
  public List<Map<String, @Nullable Object>> check(String localPath) {
    List<Map<String, @Nullable Object>> views = new ArrayList<>();
    queue
        .listAtLocal(localPath)
        .forEach(
            row -> {
              Map<String, @Nullable Object> view = file(row);
              List<Map<String, @Nullable Object>> attempts = new ArrayList<>();
              for (QueueTable.Attempt each : queue.attempts(row.id())) {
                Map<String, @Nullable Object> attempt = new LinkedHashMap<>();
                attempt.put("at", each.at());
                attempt.put("message", each.message());
                attempts.add(attempt);
              }
              view.put("failures", attempts);
              views.add(view);
            });
    return views;
  }

  /** One file. */
  public Map<String, @Nullable Object> file(QueueRow row) {
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("id", row.id());
    view.put("archive_name", row.archive());
    view.put("local_path", row.localPath());
    view.put("remote_path", row.remotePath());
    view.put("state", row.state(settings.maxCopyAttempts()).label());
    view.put("timestamp", row.timestamp());
    view.put("local_md5sum", row.localMd5());
    view.put("remote_md5sum", row.remoteMd5().orElse(null));
    view.put("copied", number(row.copied()));
    view.put("removed", number(row.removed()));
    view.put("failed_copy_attempts", row.attempts());
    view.put("deletable", row.deletable());
    view.put("ignore", row.ignored());
    view.put("verified_at", number(row.verifiedAt()));
    view.put("sha256", row.sha256().orElse(null));
    view.put("version", row.version());
    view.put("reason", row.reason().orElse(null));
    return view;
  }

  private static @Nullable Double number(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /** Its timecode directories. */
  public List<Map<String, @Nullable Object>> timecodes() {
    TimecodeTable table = new TimecodeTable(file, settings.name());
    List<Map<String, @Nullable Object>> views = new ArrayList<>();
    for (TimecodeTable.Dir dir : table.list()) {
      TimecodeTable.Contents contents = table.contents(dir.timecode(), settings.maxCopyAttempts());
      Map<String, @Nullable Object> view = new LinkedHashMap<>();
      view.put("timecode", dir.timecode());
      view.put("completed", dir.completed());
      view.put("synced", dir.synced());
      view.put("finalized", dir.finalized());
      view.put("num_files", contents.files());
      view.put("copied", contents.verified());
      view.put("waiting", contents.waiting());
      view.put("ignored", contents.ignored());
      view.put("dead", contents.dead());
      view.put("finalize_file", table.findAnnouncement(dir).map(said -> said.name()).orElse(null));
      views.add(view);
    }
    return views;
  }
}
