package dev.caravan.dgraph;

import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.export.ExportFileRow;
import dev.caravan.catalog.export.ExportFileRow.State;
import dev.caravan.catalog.export.ExportFiles;
import dev.caravan.catalog.export.ExportRow;
import dev.caravan.dgraph.files.Manifest;
import dev.caravan.dgraph.files.ObjectNames;
import dev.caravan.event.ContentChangedException;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.TextContent;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Proves that every file of an export is at the remote, and writes there which they are. */
final class Proving {

  private final Exports exports;
  private final ExportWorld world;
  private final ExportFiles files;
  private final ObjectNames names;

  Proving(Exports exports) {
    this.exports = exports;
    this.world = exports.world();
    this.files = exports.files();
    this.names = new ObjectNames(world.settings());
  }

  /** The files of the export; throws when one of them has not come as far as the others. */
  private List<ExportFileRow> files(ExportRun run, Set<State> states)
      throws ContentChangedException {
    List<ExportFileRow> all = files.list(run.row().id());
    for (ExportFileRow file : all) {
      if (!states.contains(file.state())) {
        throw new ContentChangedException(
            "%s belongs to the export and is neither at the remote nor in the Alpha's folder"
                .formatted(file.path()));
      }
    }
    return all;
  }

  /** Asks for each file at the remote; throws when one is not there as it should be. */
  void verify(ExportRun run) throws RemoteException, ContentChangedException {
    exports.table().recordVerifying(run.row().id(), world.clock().millis());
    for (ExportFileRow file : files(run, EnumSet.complementOf(EnumSet.of(State.EXPECTED)))) {
      Optional<String> doubt =
          world.vault().doubt(new ObjectKey(file.key()), file.sizeBytes(), file.sha256());
      if (doubt.isPresent()) {
        throw new ContentChangedException(doubt.get());
      }
      if (file.state() == State.SENT) {
        files.recordState(run.row().id(), file.path(), State.PROVEN);
      }
      run.book().count(RunCount.VERIFIED, 1);
    }
  }

  /** Writes the list of the files beside them. */
  void seal(ExportRun run) throws IOException, RemoteException, InterruptedException {
    ExportRow row = run.row();
    List<Manifest.Entry> entries = new ArrayList<>();
    for (ExportFileRow file : files(run, EnumSet.of(State.PROVEN, State.REMOVED))) {
      entries.add(new Manifest.Entry(file.key(), file.path(), file.sizeBytes(), file.sha256()));
    }
    Set<Integer> groups = ObjectNames.groups(entries.stream().map(Manifest.Entry::file).toList());
    Optional<List<Integer>> missing = missing(row, groups);
    Map<String, @Nullable Object> facts = new LinkedHashMap<>();
    facts.put("export", row.id());
    row.taskId().ifPresent(id -> facts.put("task_id", id));
    row.task().readTs().ifPresent(ts -> facts.put("read_ts", ts));
    facts.put("format", row.ask().format());
    facts.put("requested_at", Instant.ofEpochMilli(row.ask().atMillis()).toString());
    row.task()
        .endedMillis()
        .ifPresent(at -> facts.put("ended_at", Instant.ofEpochMilli(at).toString()));
    facts.put("groups", groups);
    facts.put("groups_missing", missing.orElse(null));
    TextContent text = new TextContent(new Manifest(facts, entries).text());
    exports.fixedNames().ensureLatest(row);
    ObjectKey key = new ObjectKey(names.manifest(run.folder()));
    world.vault().put(key, text);
    Optional<String> doubt = world.vault().doubt(key, text.sizeBytes(), text.sha256());
    if (doubt.isPresent()) {
      throw new ContentChangedException(doubt.get());
    }
    release(run);
    Optional<String> remark = remark(missing);
    if (remark.isPresent()) {
      run.remark(remark.get());
      run.book().warn("Export %d: %s".formatted(row.id(), remark.get()));
    }
  }

  /** From now on the manifest says that the folder is taken. */
  private void release(ExportRun run) throws RemoteException {
    if (run.folder().isEmpty()) {
      return;
    }
    try {
      world.vault().release(run.folder());
    } catch (RemoteException e) {
      if (e.reason().isTransient() || e.reason() == RemoteException.Cause.CANCELLED) {
        throw e;
      }
      run.book().warn("A claim stays in %s: %s".formatted(run.folder(), e.getMessage()));
    }
  }

  private static Optional<String> remark(Optional<List<Integer>> missing) {
    if (missing.isEmpty()) {
      return Optional.of("whether groups are missing is not known: the Alpha does not name them");
    }
    String text = "groups %s are not in it: their files lie with the Alphas that lead them";
    return missing.filter(groups -> !groups.isEmpty()).map(text::formatted);
  }

  /** The cluster's groups that are not among these; empty where nobody says which it has. */
  private Optional<List<Integer>> missing(ExportRow row, Set<Integer> groups)
      throws InterruptedException {
    Set<Integer> all = new TreeSet<>(ObjectNames.groups(row.ask().named()));
    exports.alpha().groups(exports.credentialsOf(row.id())).ifPresent(all::addAll);
    boolean isKnown = !all.isEmpty();
    all.removeAll(groups);
    return isKnown ? Optional.of(List.copyOf(all)) : Optional.empty();
  }
}
