package dev.caravan.cli.mover;

import dev.caravan.config.ByteSize;
import dev.caravan.json.Json;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.keep.Snapshot;
import dev.caravan.snapshot.make.MoverPlace;
import dev.caravan.snapshot.manifest.DamagedManifestException;
import dev.caravan.snapshot.manifest.ManifestObject;
import dev.caravan.snapshot.manifest.ManifestTotals;
import dev.caravan.snapshot.shelf.DatedFolders;
import dev.caravan.snapshot.shelf.Origin;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code caravan datamover list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "The backups at BUCKET_NAME/CUSTOM_PATH_PREFIX, the oldest first.",
    footer = "Exits 0 when they could be listed, 1 when not.")
public final class MoverListCommand extends MoverCall {

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  int run(MoverPlace place, Remote remote) throws RemoteException, IOException {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (Snapshot snapshot : new DatedFolders(remote).list()) {
      rows.add(row(remote, snapshot.name(), Optional.of(snapshot.takenAt()), snapshot.manifest()));
    }
    Optional<ObjectStat> mirror = remote.find(ManifestObject.keyIn(""));
    if (mirror.isPresent()) {
      rows.add(row(remote, Origin.MIRROR, Optional.empty(), mirror));
    }
    if (json) {
      out().println(Json.indent(Map.of("place", remote.identity(), "snapshots", rows)));
    } else {
      print(rows);
    }
    return 0;
  }

  private Map<String, @Nullable Object> row(
      Remote remote, String name, Optional<Instant> takenAt, Optional<ObjectStat> manifest)
      throws RemoteException, IOException {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("name", name);
    row.put("state", "incomplete");
    row.put("created", takenAt.map(Instant::toString).orElse(null));
    for (String unknown : List.of("files", "folders", "symlinks", "bytes", "problems")) {
      row.put(unknown, null);
    }
    if (manifest.isPresent()) {
      try {
        fill(row, ManifestObject.peek(remote, manifest.get()));
      } catch (DamagedManifestException e) {
        row.put("state", "damaged");
        err().println("The manifest of %s cannot be used: %s".formatted(name, e.getMessage()));
      }
    }
    return row;
  }

  private static void fill(Map<String, @Nullable Object> row, ManifestTotals totals) {
    row.put("state", "complete");
    row.put("created", totals.createdAt().toString());
    row.put("files", totals.files());
    row.put("folders", totals.folders());
    row.put("symlinks", totals.symlinks());
    row.put("bytes", totals.bytes());
    row.put("problems", totals.problems());
  }

  private void print(List<Map<String, @Nullable Object>> rows) {
    String form = "%-18s %-10s %10s %12s  %-24s %s";
    out().println(form.formatted("NAME", "STATE", "FILES", "SIZE", "CREATED", "LEFT OUT"));
    for (Map<String, @Nullable Object> row : rows) {
      Object bytes = row.get("bytes");
      out()
          .println(
              form.formatted(
                  row.get("name"),
                  row.get("state"),
                  row.get("files") == null ? "-" : row.get("files"),
                  bytes == null ? "-" : ByteSize.format((Long) bytes),
                  row.get("created") == null ? "-" : row.get("created"),
                  row.get("problems") == null ? "-" : row.get("problems")));
    }
  }
}
