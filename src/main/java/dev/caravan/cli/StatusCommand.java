package dev.caravan.cli;

import dev.caravan.config.ByteSize;
import dev.caravan.config.RemoteSettings;
import dev.caravan.config.Settings;
import dev.caravan.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code caravan status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "What is where; with and without a running daemon.")
final class StatusCommand implements Callable<Integer> {

  /** What is counted of files. */
  private static final List<String> COUNTS =
      List.of("total", "bytes", "local", "purged", "pending", "failed", "oldest_pending_age_s");

  @ParentCommand private @Nullable CaravanCommand parent;
  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--json", description = "Prints JSON, as GET /api/storage answers.")
  private boolean json;

  @Override
  public Integer call() throws Engine.CommandFailure {
    CaravanCommand caravan = Commands.of(parent);
    Settings settings = caravan.settings();
    Optional<Map<String, @Nullable Object>> known = caravan.engine().storage(settings);
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    if (json) {
      out.println(Json.indent(known.orElseGet(() -> unknown(settings))));
    } else if (!Files.isDirectory(settings.store().path())) {
      out.printf("The store %s is not there: is its disk mounted?%n", settings.store().path());
    } else if (known.isEmpty()) {
      out.println("Nothing is known yet: the first 'caravan sync' or 'caravan run' finds out");
    } else {
      print(out, known.get());
    }
    out.flush();
    return 0;
  }

  /** The same shape before anything is known: what the configuration alone says. */
  private static Map<String, @Nullable Object> unknown(Settings settings) {
    Map<String, @Nullable Object> store = new LinkedHashMap<>();
    store.put("path", settings.store().path().toString());
    try {
      FileStore disk = Files.getFileStore(settings.store().path());
      store.put("free_bytes", disk.getUsableSpace());
      store.put("total_bytes", disk.getTotalSpace());
    } catch (IOException e) {
      store.put("free_bytes", null);
      store.put("total_bytes", null);
    }
    store.put("min_free_bytes", (long) (settings.storage().minFreeGb() * (1L << 30)));
    Map<String, @Nullable Object> files = new LinkedHashMap<>();
    for (String count : COUNTS) {
      files.put(count, 0);
    }
    List<Map<String, @Nullable Object>> remotes = new ArrayList<>();
    for (RemoteSettings each : settings.storage().remotes()) {
      Map<String, @Nullable Object> remote = new LinkedHashMap<>();
      remote.put("name", each.name());
      remote.put("provider", each.provider());
      remote.put("state", "new");
      remote.put("error", null);
      remote.put("last_sync", null);
      remote.put("verified", 0);
      remote.put("pending", 0);
      remotes.add(remote);
    }
    Map<String, @Nullable Object> storage = new LinkedHashMap<>();
    storage.put("store", store);
    storage.put("files", files);
    storage.put("remotes", remotes);
    storage.put("next_sync_at", null);
    storage.put("paused", false);
    storage.put("halted", null);
    return storage;
  }

  private static void print(PrintWriter out, Map<String, @Nullable Object> storage) {
    Map<?, ?> store = Commands.map(storage, "store");
    Map<?, ?> files = Commands.map(storage, "files");
    out.printf(
        "store    %s, %s of %s free%n",
        Commands.shown(Commands.text(store, "path")),
        ByteSize.format(Commands.number(store, "free_bytes")),
        ByteSize.format(Commands.number(store, "total_bytes")));
    out.printf(
        "files    %d (%s): %d local, %d purged, %d pending, %d failed%n",
        Commands.number(files, "total"),
        ByteSize.format(Commands.number(files, "bytes")),
        Commands.number(files, "local"),
        Commands.number(files, "purged"),
        Commands.number(files, "pending"),
        Commands.number(files, "failed"));
    if (storage.get("remotes") instanceof List<?> remotes) {
      for (Object each : remotes) {
        if (each instanceof Map<?, ?> remote) {
          printRemote(out, remote);
        }
      }
    }
    if (storage.get("halted") instanceof Map<?, ?> halted) {
      out.println("HALTED   " + Commands.shown(Commands.text(halted, "reason")));
    }
    String next =
        storage.get("next_sync_at") == null
            ? "nothing is scheduled"
            : Commands.text(storage, "next_sync_at");
    out.println("next     " + (Boolean.TRUE.equals(storage.get("paused")) ? "paused" : next));
  }

  private static void printRemote(PrintWriter out, Map<?, ?> remote) {
    out.printf(
        "remote   %s (%s) %s%s: %d verified, %d pending%s%n",
        Commands.text(remote, "name"),
        Commands.text(remote, "provider"),
        Commands.text(remote, "state"),
        flow(remote),
        Commands.number(remote, "verified"),
        Commands.number(remote, "pending"),
        remote.get("error") == null ? "" : ": " + Commands.shown(Commands.text(remote, "error")));
  }

  /** What keeps the remote from being worked as hard as it may be. */
  private static String flow(Map<?, ?> remote) {
    Map<?, ?> flow = Commands.map(remote, "flow");
    if (Boolean.TRUE.equals(remote.get("paused"))) {
      return ", paused";
    }
    if (flow.isEmpty() || Commands.text(flow, "breaker").equals("closed")) {
      return Commands.number(flow, "window") < Commands.number(flow, "usual")
          ? ", slowed to %d at once".formatted(Commands.number(flow, "window"))
          : "";
    }
    return ", left alone";
  }
}
