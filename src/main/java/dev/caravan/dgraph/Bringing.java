package dev.caravan.dgraph;

import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.export.ExportFileRow;
import dev.caravan.catalog.export.ExportFiles;
import dev.caravan.catalog.export.ExportRow;
import dev.caravan.catalog.export.ExportState;
import dev.caravan.dgraph.files.AlphaFolder;
import dev.caravan.dgraph.files.AlphaFolders;
import dev.caravan.dgraph.files.Completeness;
import dev.caravan.dgraph.files.Manifest;
import dev.caravan.dgraph.files.ObjectNames;
import dev.caravan.event.ContentChangedException;
import dev.caravan.event.RunState;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.TextContent;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileVersion;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Brings the files of exports that ended well to S3, proves them there, and cleans up. */
final class Bringing {

  /** A folder that appears later than this after the end belongs to something else. */
  private static final Duration APPEARANCE = Duration.ofSeconds(30);

  /** Exports of the last days are looked at when a folder's owner is sought. */
  private static final Duration LATE = Duration.ofDays(8);

  private static final int KNOWN_MAX = 10_000;

  private final Exports exports;
  private final ExportWorld world;
  private final ExportFiles files;
  private final ObjectNames names;
  private final AlphaFolders folders;
  private final Completeness completeness;

  Bringing(Exports exports) {
    this.exports = exports;
    this.world = exports.world();
    this.files = exports.files();
    this.names = new ObjectNames(world.settings());
    this.folders = new AlphaFolders(world.tree());
    this.completeness = new Completeness(world.tree(), world.settings().settle());
  }

  private long now() {
    return world.clock().millis();
  }

  /** The folders of an export are its own from now on; empty while that cannot be said. */
  synchronized Optional<List<AlphaFolder>> claim(ExportRow row) throws IOException {
    List<AlphaFolder> all = folders.list();
    Map<String, Long> owned = files.folders();
    List<AlphaFolder> free = all.stream().filter(each -> !owned.containsKey(each.name())).toList();
    if (!owned.containsValue(row.id())) {
      List<ExportRow> known =
          exports.table().since(row.ask().atMillis() - LATE.toMillis(), KNOWN_MAX);
      List<Long> unbound =
          known.stream().map(ExportRow::id).filter(id -> !owned.containsValue(id)).toList();
      ExportPlanner.Choice choice = ExportPlanner.choose(row, known, unbound, free);
      if (choice.waits()) {
        return Optional.empty();
      }
      claim(row, choice.folders());
      return Optional.of(choice.folders());
    }
    // A group that began in the next minute may have appeared since.
    Optional<String> readTs = row.task().readTs();
    claim(
        row,
        free.stream()
            .filter(each -> readTs.equals(Optional.of(Long.toString(each.readTs()))))
            .toList());
    Set<String> own = new TreeSet<>(files.folders(row.id()));
    return Optional.of(all.stream().filter(each -> own.contains(each.name())).toList());
  }

  private void claim(ExportRow row, List<AlphaFolder> chosen) {
    if (!chosen.isEmpty()) {
      boolean isGood = row.task().good().orElse(false);
      String folder = isGood ? names.folder(Instant.ofEpochMilli(row.ask().atMillis())) : "";
      files.claim(
          row.id(),
          chosen.stream().map(AlphaFolder::name).toList(),
          ExportPlanner.readTs(chosen),
          folder);
    }
  }

  /** Finds the files and looks whether they are whole; empty when that has to be done later. */
  Optional<ExportRun> begin(ExportRow found) throws IOException {
    Optional<List<AlphaFolder>> own = claim(found);
    ExportRow row = exports.table().find(found.id()).orElseThrow();
    List<FileStat> present =
        own.stream().flatMap(List::stream).flatMap(each -> each.files().stream()).toList();
    if (present.isEmpty() && files.list(row.id()).isEmpty()) {
      postpone(row, own.isPresent());
      return Optional.empty();
    }
    Optional<String> superseded = superseded(row);
    if (superseded.isPresent()) {
      exports.end(row, ExportState.FAILED, superseded.get());
      return Optional.empty();
    }
    for (FileStat file : present) {
      Optional<String> lack = completeness.unrest(file, world.clock().instant());
      lack = lack.isPresent() || isSent(row, file) ? lack : completeness.gap(file);
      if (lack.isPresent()) {
        delay(row, lack.get(), world.settings().settle());
        return Optional.empty();
      }
    }
    RunBook book = exports.beginRun();
    exports.table().recordBegin(row.id(), book.id().value(), now());
    book.info("Export %d: %d files".formatted(row.id(), present.size()));
    book.expect(present.size(), present.stream().mapToLong(FileStat::sizeBytes).sum());
    String folder = row.task().folder().orElse("");
    return Optional.of(new ExportRun(row, book, folder, names.keys(present, folder)));
  }

  private void postpone(ExportRow row, boolean isSettled) {
    long since = now() - row.task().endedMillis().orElse(now());
    if (isSettled && since > APPEARANCE.toMillis()) {
      exports.end(
          row,
          ExportState.FAILED,
          "it ended well, but no folder of it is in %s: this Alpha leads no group, or towatch is"
                  .formatted(world.tree().root())
              + " not its export folder");
    } else {
      delay(row, "its folder has not appeared yet", Duration.ofSeconds(1));
    }
  }

  private void delay(ExportRow row, String why, Duration pause) {
    Duration age = Duration.ofMillis(now() - row.task().endedMillis().orElse(now()));
    if (age.compareTo(world.settings().taskTimeout()) > 0) {
      exports.end(row, ExportState.FAILED, why);
      return;
    }
    long wait = Math.max(200, pause.toMillis());
    exports.table().recordDelay(row.id(), row.attempts(), why, now() + wait, now());
  }

  /** With fixed names an older export must not take the place of a newer one. */
  private Optional<String> superseded(ExportRow row) {
    if (!names.isFixed()) {
      return Optional.empty();
    }
    long own = row.task().readTs().map(Long::parseLong).orElse(Long.MAX_VALUE);
    return files
        .newestDone()
        .filter(done -> done > own)
        .map(
            done ->
                "a newer export (read timestamp %d) has its names; its files stay where they are"
                    .formatted(done));
  }

  private boolean isSent(ExportRow row, FileStat file) {
    return files.list(row.id()).stream()
        .anyMatch(known -> known.path().equals(file.path().value()) && isSame(known, file));
  }

  private static boolean isSame(ExportFileRow known, FileStat file) {
    return known.sizeBytes() == file.sizeBytes()
        && known.modifiedNs() == file.modifiedNs()
        && known.inode() == file.inode();
  }

  /** Sends one file, unless the bucket has it. */
  void send(ExportRun run, FileStat file) throws IOException, RemoteException {
    exports.prepare();
    String key = run.keyOf(file);
    FileVersion version = FileVersion.read(world.tree(), file, true);
    world.vault().put(new ObjectKey(key), version);
    files.recordSent(
        run.row().id(),
        new ExportFileRow(
            file.path().value(),
            key,
            file.sizeBytes(),
            file.modifiedNs(),
            file.changedNs(),
            file.inode(),
            file.device(),
            file.mode(),
            version.sha256(),
            ExportFileRow.State.SENT));
    run.book().count(RunCount.UPLOADED, 1);
    run.book().advance(1);
    run.book().moved(file.sizeBytes());
    run.book()
        .item(
            new ItemRow(
                0,
                key,
                Optional.of("dgraph"),
                "upload",
                "export",
                "done",
                file.sizeBytes(),
                Optional.empty()));
  }

  /** Asks for each file at the remote; throws when one is not there as it should be. */
  void verify(ExportRun run) throws RemoteException, ContentChangedException {
    exports.table().recordVerifying(run.row().id(), now());
    for (ExportFileRow file : files.list(run.row().id())) {
      Optional<String> doubt =
          world.vault().doubt(new ObjectKey(file.key()), file.sizeBytes(), file.sha256());
      if (doubt.isPresent()) {
        throw new ContentChangedException(doubt.get());
      }
      if (file.state() == ExportFileRow.State.SENT) {
        files.recordState(run.row().id(), file.path(), ExportFileRow.State.PROVEN);
      }
      run.book().count(RunCount.VERIFIED, 1);
    }
  }

  /** Writes the list of the files beside them. */
  void seal(ExportRun run) throws IOException, RemoteException, InterruptedException {
    ExportRow row = run.row();
    List<ExportFileRow> rows = files.list(row.id());
    List<Manifest.Entry> entries = new ArrayList<>();
    Set<Integer> groups = new TreeSet<>();
    for (ExportFileRow file : rows) {
      entries.add(new Manifest.Entry(file.key(), file.path(), file.sizeBytes(), file.sha256()));
      String name = file.path().substring(file.path().lastIndexOf('/') + 1);
      if (name.matches("g[0-9]{2,9}\\..*")) {
        groups.add(Integer.parseInt(name.substring(1, name.indexOf('.'))));
      }
    }
    List<Integer> missing =
        new ArrayList<>(exports.alpha().groups(exports.credentialsOf(row.id())));
    missing.removeAll(groups);
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("export", row.id());
    row.taskId().ifPresent(id -> facts.put("task_id", id));
    row.task().readTs().ifPresent(ts -> facts.put("read_ts", ts));
    facts.put("format", row.ask().format());
    facts.put("requested_at", Instant.ofEpochMilli(row.ask().atMillis()).toString());
    row.task()
        .endedMillis()
        .ifPresent(at -> facts.put("ended_at", Instant.ofEpochMilli(at).toString()));
    facts.put("groups", groups);
    facts.put("groups_missing", missing);
    TextContent text = new TextContent(new Manifest(facts, entries).text());
    ObjectKey key = new ObjectKey(names.manifest(run.folder()));
    world.vault().put(key, text);
    Optional<String> doubt = world.vault().doubt(key, text.sizeBytes(), text.sha256());
    if (doubt.isPresent()) {
      throw new ContentChangedException(doubt.get());
    }
    if (!missing.isEmpty()) {
      run.remark(
          "groups %s are not in it: their files lie with the Alphas that lead them"
              .formatted(missing));
      run.book().warn("Export %d: %s".formatted(row.id(), run.remark()));
    }
  }

  /** Ends a run, and with it the export where all went well. */
  void end(ExportRun run) {
    ExportRow row = run.row();
    Optional<Throwable> fault = run.fault();
    if (fault.isEmpty()) {
      String where = run.folder().isEmpty() ? ObjectNames.FIXED + ".*" : run.folder() + "/";
      run.book().info("Export %d is at %s".formatted(row.id(), where));
      exports.end(row, ExportState.DONE, run.remark());
      run.book().end(RunState.SUCCEEDED, Optional.empty());
      return;
    }
    String why = message(fault.get());
    if (exports.isStopping()) {
      run.book().end(RunState.INTERRUPTED, Optional.of("Caravan was stopped"));
      return;
    }
    run.book().error("Export %d: %s".formatted(row.id(), why));
    run.book().end(RunState.FAILED, Optional.of(why));
    int attempts = row.attempts() + 1;
    Duration age = Duration.ofMillis(now() - row.task().endedMillis().orElse(now()));
    if (age.compareTo(world.settings().taskTimeout()) > 0) {
      exports.end(exports.table().find(row.id()).orElseThrow(), ExportState.FAILED, why);
    } else {
      Duration pause = ExportPlanner.pause(attempts);
      exports.table().recordDelay(row.id(), attempts, why, now() + pause.toMillis(), now());
    }
  }

  static String message(Throwable fault) {
    String text = fault.getMessage();
    if (fault instanceof AccessDeniedException) {
      return text + " may not be read or changed: run as the user of the Alpha";
    }
    return text == null ? fault.getClass().getSimpleName() : text;
  }
}
