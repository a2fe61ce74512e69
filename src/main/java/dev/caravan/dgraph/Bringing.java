package dev.caravan.dgraph;

import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.export.ExportFileRow;
import dev.caravan.catalog.export.ExportFileRow.State;
import dev.caravan.catalog.export.ExportFiles;
import dev.caravan.catalog.export.ExportRow;
import dev.caravan.catalog.export.ExportState;
import dev.caravan.dgraph.files.AlphaFolder;
import dev.caravan.dgraph.files.AlphaFolders;
import dev.caravan.dgraph.files.Completeness;
import dev.caravan.dgraph.files.ObjectNames;
import dev.caravan.event.ContentChangedException;
import dev.caravan.event.Counted;
import dev.caravan.event.RunState;
import dev.caravan.event.WantedSums;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileVersion;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Brings the files of exports that ended well to S3, proves them there, and cleans up. */
final class Bringing {

  /** A folder that appears later than this after the end belongs to something else. */
  private static final Duration APPEARANCE = Duration.ofSeconds(30);

  /** Exports of the last days are looked at when a folder's owner is sought. */
  private static final Duration LATE = Duration.ofDays(8);

  private static final int KNOWN_MAX = 10_000;
  private static final int TURN_MILLIS = 200;

  private static final String UNCLEAR =
      "whose the folders are is not clear: more appeared while it ran than exports are known;"
          + " nothing was touched. Move away those that are not its own and try it again";

  private final Exports exports;
  private final ExportWorld world;
  private final ExportFiles files;
  private final ObjectNames names;
  private final AlphaFolders folders;
  private final Completeness completeness;
  private final Places places;

  Bringing(Exports exports) {
    this.exports = exports;
    this.world = exports.world();
    this.files = exports.files();
    this.names = new ObjectNames(world.settings());
    this.folders = new AlphaFolders(world.tree());
    this.completeness = new Completeness(world.tree(), world.settings().settle());
    this.places = new Places(world, files);
  }

  private long now() {
    return world.clock().millis();
  }

  /** The folders that are found to be an export's are its own from now on. */
  synchronized ExportPlanner.Choice claim(ExportRow row) throws IOException {
    List<AlphaFolder> all = folders.list();
    Map<String, Long> owned = files.folders();
    List<AlphaFolder> free = all.stream().filter(each -> !owned.containsKey(each.name())).toList();
    if (!owned.containsValue(row.id())) {
      List<ExportRow> known =
          exports.table().since(row.ask().atMillis() - LATE.toMillis(), KNOWN_MAX);
      List<Long> unbound =
          known.stream().map(ExportRow::id).filter(id -> !owned.containsValue(id)).toList();
      ExportPlanner.Choice choice = ExportPlanner.choose(row, known, unbound, free);
      claim(row, choice.folders());
      return choice;
    }
    // A group that began in the next minute may have appeared since.
    Optional<String> readTs = row.task().readTs();
    claim(
        row,
        free.stream()
            .filter(each -> readTs.equals(Optional.of(Long.toString(each.readTs()))))
            .toList());
    Set<String> own = new TreeSet<>(files.folders(row.id()));
    return ExportPlanner.Choice.of(all.stream().filter(each -> own.contains(each.name())).toList());
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
    ExportPlanner.Choice own = claim(found);
    ExportRow row = exports.table().find(found.id()).orElseThrow();
    if (own.unclear()) {
      exports.end(row, ExportState.FAILED, UNCLEAR);
      return Optional.empty();
    }
    Map<String, ExportFileRow> known = new LinkedHashMap<>();
    files.list(row.id()).forEach(file -> known.put(file.path(), file));
    List<FileStat> present =
        own.folders().stream()
            .flatMap(each -> each.files().stream())
            .filter(file -> !isRemoved(known.get(file.path().value())))
            .toList();
    if (present.isEmpty() && known.isEmpty()) {
      postpone(row, !own.waits());
      return Optional.empty();
    }
    if (!exports.fixedNames().take(row.id(), exports.olderComes(row.id()))) {
      String why = "another export is being brought to the same names";
      exports.table().recordDelay(row.id(), row.attempts(), why, now() + TURN_MILLIS, now());
      return Optional.empty();
    }
    Optional<String> superseded = exports.fixedNames().superseded(row);
    if (superseded.isPresent()) {
      exports.end(row, ExportState.FAILED, superseded.get());
      return Optional.empty();
    }
    Optional<String> lack = lack(row, own.folders(), present, known);
    if (lack.isPresent()) {
      delay(row, lack.get(), world.settings().settle());
      return Optional.empty();
    }
    return Optional.of(begin(row, present, known));
  }

  /** From now on it is on record which files the export consists of, and what they are called. */
  private ExportRun begin(ExportRow row, List<FileStat> present, Map<String, ExportFileRow> known) {
    String folder = row.task().folder().orElse("");
    if (folder.isEmpty() && !names.isFixed() && known.isEmpty()) {
      // It was claimed for fixed names, and the configuration has changed since.
      folder = names.folder(Instant.ofEpochMilli(row.ask().atMillis()));
      folder = files.recordFolder(row.id(), folder);
    }
    Map<String, String> given = new LinkedHashMap<>();
    known.values().forEach(file -> given.put(file.path(), file.key()));
    Map<FileStat, String> keys = names.keys(present, folder, given);
    List<ExportFileRow> expected = new ArrayList<>();
    keys.forEach((file, key) -> expected.add(row(file, key, "", State.EXPECTED)));
    files.recordExpected(row.id(), expected);
    RunBook book = exports.beginRun();
    exports.table().recordBegin(row.id(), book.id().value(), now());
    book.info("Export %d: %s".formatted(row.id(), Counted.of(present.size(), "file")));
    book.expect(present.size(), present.stream().mapToLong(FileStat::sizeBytes).sum());
    return new ExportRun(row, book, folder, keys);
  }

  /**
   * Sees to it that the folder of the objects is nobody else's, before anything is put into it: two
   * Alphas may export to the same bucket within the same second.
   */
  void reserve(ExportRun run) throws RemoteException {
    exports.prepare();
    long id = run.row().id();
    if (run.folder().isEmpty() || files.isReserved(id)) {
      return;
    }
    String wanted = run.folder();
    String folder = places.reserve(id, wanted);
    if (!folder.equals(wanted)) {
      run.book().info("Export %d: another has %s; it goes to %s".formatted(id, wanted, folder));
    }
    // Also where it is as wanted: a try may have been cut off before the keys were on record.
    List<FileStat> all = files.list(id).stream().map(Cleaning::stat).toList();
    Map<String, String> keys = new LinkedHashMap<>();
    names.keys(all, folder, Map.of()).forEach((file, key) -> keys.put(file.path().value(), key));
    files.recordKeys(id, keys);
    run.move(folder, keys);
    files.recordReserved(id);
  }

  /** What was removed after its copy was proven is never sent again, whatever lies there now. */
  private static boolean isRemoved(@Nullable ExportFileRow known) {
    return known != null && known.state() == State.REMOVED;
  }

  /** Why the export cannot be sent yet; empty when its files are there and whole. */
  private Optional<String> lack(
      ExportRow row,
      List<AlphaFolder> own,
      List<FileStat> present,
      Map<String, ExportFileRow> known)
      throws IOException {
    Set<String> here = new TreeSet<>(known.keySet());
    present.forEach(file -> here.add(file.path().value()));
    Set<Integer> groups = ObjectNames.groups(here);
    for (String name : row.ask().named()) {
      // The files of a group whose leader is another Alpha lie with that one.
      boolean isOurs =
          own.stream().anyMatch(folder -> name.startsWith(folder.name() + "/"))
              && ObjectNames.group(name).map(groups::contains).orElse(true);
      if (isOurs && !here.contains(name)) {
        return Optional.of(name + " was named by the Alpha and is not there");
      }
    }
    for (FileStat file : present) {
      Optional<String> lack = completeness.unrest(file, world.clock().instant());
      if (lack.isEmpty() && !isSame(known.get(file.path().value()), file)) {
        lack = completeness.gap(file);
      }
      if (lack.isPresent()) {
        return lack;
      }
    }
    return Optional.empty();
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
    if (exports.isOverdue(row)) {
      exports.end(row, ExportState.FAILED, why);
      return;
    }
    long wait = Math.max(200, pause.toMillis());
    exports.table().recordDelay(row.id(), row.attempts(), why, now() + wait, now());
  }

  private static boolean isSame(@Nullable ExportFileRow known, FileStat file) {
    return known != null
        && known.sizeBytes() == file.sizeBytes()
        && known.modifiedNs() == file.modifiedNs()
        && known.inode() == file.inode();
  }

  /** Sends one file, unless the bucket has it. */
  void send(ExportRun run, FileStat file) throws IOException, RemoteException {
    String key = run.keyOf(file);
    run.enter();
    try {
      exports.prepare();
      FileVersion version = FileVersion.read(world.tree(), file, WantedSums.MD5);
      ensureOwn(run, file, key);
      world.vault().put(new ObjectKey(key), version);
      files.recordSent(run.row().id(), row(file, key, version.sha256(), State.SENT));
    } finally {
      run.leave();
    }
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

  private static ExportFileRow row(FileStat file, String key, String sha256, State state) {
    return new ExportFileRow(
        file.path().value(),
        key,
        file.sizeBytes(),
        file.modifiedNs(),
        file.changedNs(),
        file.inode(),
        file.device(),
        file.mode(),
        sha256,
        state);
  }

  /** What another file's only copy may be, or a newer export's, is not overwritten. */
  private void ensureOwn(ExportRun run, FileStat file, String key) throws ContentChangedException {
    exports.fixedNames().ensureLatest(run.row());
    for (ExportFileRow other : files.list(run.row().id())) {
      if (other.key().equals(key) && !other.path().equals(file.path().value())) {
        throw new ContentChangedException(
            "%s would overwrite %s at %s".formatted(file.path(), other.path(), key));
      }
    }
  }

  /** Ends a run, and with it the export where all went well. */
  void end(ExportRun run) {
    run.close();
    ExportRow row = run.row();
    ExportMeters meters = exports.world().meters();
    Optional<Throwable> fault = run.fault();
    if (fault.isEmpty()) {
      String where = run.folder().isEmpty() ? ObjectNames.FIXED + ".*" : run.folder() + "/";
      run.book().info("Export %d is at %s".formatted(row.id(), where));
      exports.unfinished().sweep(row.id());
      exports.finish(row, ExportState.DONE, run.remark());
      meters.end(run.book(), RunState.SUCCEEDED, Optional.empty());
      return;
    }
    String why = message(fault.get());
    if (exports.isStopping()) {
      meters.end(run.book(), RunState.INTERRUPTED, Optional.of("Caravan was stopped"));
      return;
    }
    run.book().error("Export %d: %s".formatted(row.id(), why));
    meters.end(run.book(), RunState.FAILED, Optional.of(why));
    exports.table().find(row.id()).ifPresent(now -> exports.tryAgain(now, why));
  }

  static String message(Throwable fault) {
    String text = fault.getMessage();
    if (fault instanceof AccessDeniedException) {
      return text + " may not be read or changed: run as the user of the Alpha";
    }
    if (fault instanceof NoSuchFileException) {
      return text + " is not there: is dgraph.towatch the Alpha's export folder, and mounted?";
    }
    return text == null ? fault.getClass().getSimpleName() : text;
  }
}
