package dev.caravan.archive;

import dev.caravan.archive.queue.AlertTable;
import dev.caravan.archive.queue.ArchiveStats;
import dev.caravan.archive.queue.ChangeWatch;
import dev.caravan.archive.queue.QueueChanges.NewFile;
import dev.caravan.archive.queue.TimecodeTable;
import dev.caravan.archive.queue.TimecodeTable.Announcement;
import dev.caravan.archive.queue.TimecodeTable.Contents;
import dev.caravan.archive.queue.TimecodeTable.Dir;
import dev.caravan.archive.timecode.FinalizedFile;
import dev.caravan.archive.timecode.TimecodePlanner;
import dev.caravan.config.ArchiveSettings.FinalizeIncomplete;
import dev.caravan.event.PathNames;
import dev.caravan.store.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Announces timecode directories of one archive that are finished, and once more those that got
 * more files since. For one thread at a time.
 */
final class Announcer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.archive");

  private final Archive archive;
  private final TimecodeTable table;
  private final AlertTable alerts;
  private final ChangeWatch watch;
  private final Set<Integer> withData = new TreeSet<>();
  private final Set<Integer> touched = new TreeSet<>();
  private final Set<Integer> blocked = new HashSet<>();

  /** Complete, and judged since anything changed: counting all their files again tells nothing. */
  private final Set<Integer> judged = new HashSet<>();

  private long lastId;
  private boolean begun;

  Announcer(Archive archive, TimecodeTable table, AlertTable alerts, ChangeWatch watch) {
    this.archive = archive;
    this.table = table;
    this.alerts = alerts;
    this.watch = watch;
  }

  /** Directories that a person has to look at. */
  synchronized Set<Integer> blocked() {
    return new TreeSet<>(blocked);
  }

  /** Announces what may be announced now. */
  void announce() throws IOException {
    Optional<Path> root = archive.settings().suprsyncFileRoot();
    TimecodeTable.News news = table.readNews(lastId);
    if (news.lastId() < lastId) {
      withData.clear();
    }
    lastId = news.lastId();
    withData.addAll(news.timecodes());
    touched.addAll(news.timecodes());
    if (root.isEmpty()) {
      return;
    }
    recallBlocked();
    if (watch.isChanged()) {
      judged.clear();
    }
    table.ensureDirs(begun ? news.timecodes() : withData);
    double now = archive.world().seconds();
    Set<Integer> still = new TreeSet<>();
    for (Dir dir : table.list()) {
      if (!dir.finalized()) {
        announce(dir, root.get(), now);
      } else if (!begun || touched.contains(dir.timecode())) {
        if (announceAgain(dir, root.get(), now)) {
          still.add(dir.timecode());
        }
      }
    }
    touched.clear();
    touched.addAll(still);
    begun = true;
  }

  /** What an earlier process told people of waits still. */
  private void recallBlocked() {
    if (!begun) {
      List<AlertTable.Blocked> known = alerts.listBlocked();
      synchronized (this) {
        known.forEach(each -> blocked.add(each.timecode()));
      }
    }
  }

  /** A file of this place was copied, so that its directory may be finished. */
  void touch(String remotePath) {
    if (remotePath.matches("(?s)[0-9]{5}/.*")) {
      touched.add(Integer.parseInt(remotePath.substring(0, 5)));
    }
  }

  private void announce(Dir dir, Path root, double now) throws IOException {
    boolean complete = dir.completed() || TimecodePlanner.isComplete(dir.timecode(), withData, now);
    if (!complete || judged.contains(dir.timecode())) {
      return;
    }
    Contents contents = contents(dir);
    switch (TimecodePlanner.judge(contents, OptionalLong.empty(), announcesDead())) {
      case WAIT -> {
        record(dir, false);
        unblock(dir);
        judged.add(dir.timecode());
      }
      case BLOCKED -> {
        record(dir, false);
        block(dir, contents);
        judged.add(dir.timecode());
      }
      case ANNOUNCE -> write(dir, contents, root, Optional.empty(), now);
    }
  }

  /** True while more is to come of it. */
  private boolean announceAgain(Dir dir, Path root, double now) throws IOException {
    Optional<Announcement> before = table.findAnnouncement(dir);
    if (before.isEmpty()) {
      return false;
    }
    if (FinalizedFile.nameAt(archive.name(), dir.timecode(), now).equals(before.get().name())) {
      return true; // Within the same second it would take the place of a file that is registered.
    }
    Contents contents = contents(dir);
    OptionalLong announced = OptionalLong.of(before.get().verifiedData());
    switch (TimecodePlanner.judge(contents, announced, announcesDead())) {
      case WAIT -> {
        unblock(dir);
        return contents.waiting() > 0;
      }
      case BLOCKED -> {
        block(dir, contents);
        return true;
      }
      case ANNOUNCE -> write(dir, contents, root, Optional.of(before.get().name()), now);
    }
    return false;
  }

  private Contents contents(Dir dir) {
    return table.contents(dir.timecode(), archive.settings().maxCopyAttempts());
  }

  private boolean announcesDead() {
    return archive.settings().finalizeIncomplete() == FinalizeIncomplete.ANNOUNCE;
  }

  private void record(Dir dir, boolean synced) {
    if (!dir.completed() || dir.synced() != synced) {
      table.recordProgress(dir, true, synced);
    }
  }

  private void block(Dir dir, Contents contents) {
    if (blocked().contains(dir.timecode())) {
      return;
    }
    String why =
        ("Timecode directory %d of archive '%s' cannot be announced: %d of its files were given up."
                + " Look at them with: caravan archive list %s --state dead; then retry or ignore"
                + " them")
            .formatted(dir.timecode(), archive.name(), contents.dead(), archive.name());
    LOG.warn("{}", why);
    alerts.recordBlocked(new AlertTable.Blocked(dir.timecode(), archive.world().seconds(), why));
    synchronized (this) {
      blocked.add(dir.timecode());
    }
  }

  /**
   * Nothing stands in its way any more but files that are still to be copied, or nothing at all.
   */
  private void unblock(Dir dir) {
    if (blocked().contains(dir.timecode())) {
      alerts.forgetBlocked(dir.timecode());
      synchronized (this) {
        blocked.remove(dir.timecode());
      }
    }
  }

  private void write(Dir dir, Contents contents, Path root, Optional<String> supersedes, double now)
      throws IOException {
    int most = archive.settings().maxCopyAttempts();
    Optional<Double> waits =
        archive
            .file()
            .read(
                session ->
                    ArchiveStats.finalizedUntil(session, archive.name(), most, announcesDead()));
    Collection<String> ignored =
        contents.ignored() > 0 ? table.listUnverified(dir.timecode(), true) : List.of();
    Collection<String> dead =
        contents.dead() > 0 ? table.listUnverified(dir.timecode(), false) : List.of();
    FinalizedFile made =
        new FinalizedFile(
            archive.name(),
            dir.timecode(),
            archive.settings().instanceId(),
            now,
            waits.orElse(now),
            contents.verified(),
            table.subdirs(dir.timecode()),
            ignored,
            dead,
            supersedes);
    byte[] yaml = made.yaml().getBytes(StandardCharsets.UTF_8);
    Path place = root.toAbsolutePath().resolve(made.localPath());
    Files.createDirectories(place.getParent());
    AtomicFile.write(place, yaml);
    NewFile row =
        new NewFile(
            PathNames.textOf(place), md5(yaml), archive.name(), made.remotePath(), now, true);
    table.recordAnnounced(dir, row, new Announcement(made.name(), contents.verifiedData()));
    unblock(dir);
    archive.count(ArchiveMeters.Event.FINALIZED, 1);
    LOG.info("Archive '{}': timecode directory {} is finished", archive.name(), dir.timecode());
  }

  @Override
  public void close() {
    watch.close();
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
